//! What the demo's knowledge base holds: the answers that its shop gives again and again, and one that is for staff alone.

use super::past::tag;
use crate::desk::id::{AgentId, At};
use crate::store::knowledge::{self, Audience, Saved, Step, Written};
use crate::store::{Store, StoreError};
use std::collections::BTreeMap;

/// Title, Markdown, whether customers read it.
type Words = (&'static str, &'static str, bool);

/// Writes and publishes them.
pub async fn write(store: &Store, language: &str, now: At) -> Result<(), StoreError> {
    let by = AgentId::from("mara");
    let names = BTreeMap::from([("en".to_owned(), "Bicycles and parts".to_owned()), ("zh-CN".to_owned(), "整车与配件".to_owned())]);
    let category = knowledge::create_category(store, None, names, 0).await?;
    for (title, body, public) in words(language) {
        let written = Written {
            article: None,
            language: tag(language).into(),
            title: title.into(),
            body: body.into(),
            note: String::new(),
            category: Some(category),
            audience: if public { Audience::Public } else { Audience::Internal },
            owner: by.clone(),
            expires_at: None,
            base: 0,
        };
        if let Saved::Kept { article, version } = knowledge::save(store, written, &by, now).await? {
            knowledge::move_on(store, article, tag(language), version, Step::Publish { by_another: false }, &by, now).await?;
        }
    }
    Ok(())
}

fn words(language: &str) -> [Words; 4] {
    match language {
        "zh" => [
            (
                "后货架承重与儿童座椅",
                "后货架最多承重 **25 公斤**，可以安装儿童座椅。\n\n1. 请先确认车架型号\n2. S 和 XS 码使用标准支架，M 到 XL 码需要加长支架",
                true,
            ),
            (
                "如何退换货",
                "收到商品后 **30 天内**可以退换，请保留包装。\n\n1. 在订单页面提交申请\n2. 贴上我们寄出的面单\n3. 收到后三个工作日内退款",
                true,
            ),
            ("螺栓规格与扭矩", "| 车架 | 螺栓 | 扭矩 |\n|---|---|---|\n| 通勤三号 | M6×16 | 8 Nm |\n| 通勤二号 | M5×14 | 5 Nm |", true),
            ("可以给多少优惠", "等待超过一周的客户，最多可以优惠 10%。更多请先问主管。", false),
        ],
        _ => [
            (
                "What the rear rack carries, and child seats",
                "The rear rack carries **25 kg**, and takes a child seat.\n\n1. Check the frame first\n2. Sizes S and XS take the standard bracket, M to XL the long one",
                true,
            ),
            (
                "Returns and exchanges",
                "You can return anything within **30 days**; please keep the packaging.\n\n1. Ask for it on the page of your order\n2. Use the label that we send\n3. The refund takes three working days",
                true,
            ),
            (
                "Rack bolts by frame, with torque",
                "| Frame | Bolt | Torque |\n|---|---|---|\n| Commuter 3 | M6×16 | 8 Nm |\n| Commuter 2 | M5×14 | 5 Nm |",
                true,
            ),
            (
                "How much discount we may give",
                "Up to 10 % for a customer who has waited for more than a week. Ask a supervisor for more.",
                false,
            ),
        ],
    }
}
