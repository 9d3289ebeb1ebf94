//! Words of a language of a thousand, for data in bulk: the first come often, the last seldom, as in any language.

use crate::sim::plan::Dice;

const VOCABULARY: u64 = 1_000;

pub const ENGLISH: [&str; 40] = [
    "lamp", "battery", "return", "invoice", "delivery", "parcel", "frame", "saddle", "brake", "chain", "wheel", "charge", "warranty",
    "order", "address", "company", "payment", "refund", "bolt", "rack", "child", "seat", "helmet", "lock", "pump", "tyre", "spoke",
    "pedal", "screw", "cable", "display", "motor", "software", "update", "reset", "button", "contact", "cover", "label", "repair",
];
pub const CHINESE: [&str; 40] = [
    "车灯",
    "电池",
    "退货",
    "发票",
    "配送",
    "包裹",
    "车架",
    "车座",
    "刹车",
    "链条",
    "车轮",
    "充电",
    "保修",
    "订单",
    "地址",
    "公司",
    "付款",
    "退款",
    "螺栓",
    "货架",
    "儿童",
    "座椅",
    "头盔",
    "车锁",
    "气筒",
    "轮胎",
    "辐条",
    "踏板",
    "螺丝",
    "线缆",
    "显示屏",
    "电机",
    "软件",
    "升级",
    "重置",
    "按钮",
    "触点",
    "后盖",
    "标签",
    "维修",
];
const BEGINNINGS: [&str; 25] = [
    "ab", "be", "co", "de", "ex", "fi", "go", "hy", "in", "ju", "ka", "lo", "mi", "no", "os", "pro", "qui", "re", "sub", "tri", "un", "vi",
    "we", "xe", "zu",
];
const NAMES: [&str; 12] =
    ["Anna Weber", "Li Wei", "王芳", "Jonas Brandt", "陈静", "Mara Voss", "张伟", "Ida Holm", "刘洋", "Tom Reed", "赵敏", "Noor Aziz"];

/// A number below this.
pub fn below(dice: &Dice, most: u64) -> u64 {
    dice.roll() % most.max(1)
}

/// One word of these forty, or of those made of them: each begins unlike the others, as words do that mean something else.
pub fn word(dice: &Dice, of: &[&str; 40]) -> String {
    let last = below(dice, VOCABULARY) + 1;
    let rank = below(dice, last);
    let (more, which) = (rank / 40, of[(rank % 40) as usize]);
    match more {
        0 => which.to_owned(),
        _ if which.is_ascii() => format!("{}{which}", BEGINNINGS[(more % 25) as usize]),
        _ => which.chars().take(1).chain(of[((rank + more) % 40) as usize].chars().skip(1)).collect(),
    }
}

/// So many words, with this between them.
pub fn words(dice: &Dice, of: &[&str; 40], count: usize, between: &str) -> String {
    let words: Vec<String> = (0..count).map(|_| word(dice, of)).collect();
    words.join(between)
}

/// A sentence in one of two languages.
pub fn sentence(dice: &Dice, chinese: bool) -> String {
    let count = 4 + below(dice, 8) as usize;
    if chinese { format!("您好，{}。", words(dice, &CHINESE, count, "的")) } else { format!("{}.", words(dice, &ENGLISH, count, " ")) }
}

/// A person's name; those of many people are alike, as they are anywhere.
pub fn name(dice: &Dice, number: u64) -> String {
    format!("{} {number}", NAMES[below(dice, 12) as usize])
}
