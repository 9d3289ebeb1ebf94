//! Simulated callers and visitors: they dial and are called by real SIP, speak and listen by real RTP, write by the chat window's real wire.
//!
//! `hubline demo` and the tests run the same ones. They share no wire code with the parts they call, so that a mistake there is not
//! repeated here and goes unseen.

pub mod aliyun;
mod alphabet;
mod articles;
pub mod caller;
pub mod courier;
pub mod douyin;
pub mod ear;
pub mod exchange;
pub mod g711;
pub mod generic;
pub mod keyed;
mod letters;
pub mod line;
pub mod mail;
pub mod message;
pub mod meta;
pub mod partner;
pub mod past;
pub mod phone;
pub mod plan;
pub mod platforms;
pub mod scene;
pub mod seed;
pub mod shop;
pub mod sms;
pub mod smsc;
pub mod telegram;
pub mod tencent;
pub mod tone;
pub mod twilio;
pub mod viber;
pub mod visitor;
pub mod web;
pub mod wechat;
pub mod wecom;
pub mod weibo;
