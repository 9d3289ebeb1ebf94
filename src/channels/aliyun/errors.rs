//! What Aliyun's `Code` means for the message (help.aliyun.com, API error codes of Dysmsapi).

use crate::channels::platform::Trouble;
use std::time::Duration;

/// One message a minute to a number, five an hour, ten a day: the day is named, else which of them it was is not said.
const ONE_NUMBER: Duration = Duration::from_secs(60);
/// Until the day is over.
const EACH_HOUR: Duration = Duration::from_secs(3_600);

pub(super) fn of(code: &str, message: &str) -> Trouble {
    let said = format!("{code}: {message}").chars().filter(|c| !c.is_control()).take(200).collect::<String>();
    match code {
        "isv.BUSINESS_LIMIT_CONTROL" if message.contains("天级") || message.contains("day") => Trouble::LaterForThem(EACH_HOUR),
        "isv.BUSINESS_LIMIT_CONTROL" => Trouble::LaterForThem(ONE_NUMBER),
        "isv.DAY_LIMIT_CONTROL" | "isv.MONTH_LIMIT_CONTROL" => Trouble::Quota(said),
        "isv.MOBILE_NUMBER_ILLEGAL" | "isv.BLACK_KEY_CONTROL_LIMIT" | "MOBILE_IN_BLACK" => Trouble::Blocked(said),
        // One template or its words, not the channel.
        "isv.SMS_TEMPLATE_ILLEGAL"
        | "isv.MOBILE_COUNT_OVER_LIMIT"
        | "isv.TEMPLATE_MISSING_PARAMETERS"
        | "isv.TEMPLATE_PARAMS_ILLEGAL"
        | "isv.INVALID_JSON_PARAM"
        | "isv.PARAM_LENGTH_LIMIT"
        | "isv.PARAM_NOT_SUPPORT_URL"
        | "isv.INVALID_PARAMETERS" => Trouble::Refused(said),
        "Throttling" | "Throttling.User" | "Throttling.Api" | "ServiceUnavailable" | "isp.SYSTEM_ERROR" | "isp.GATEWAY_ERROR" => {
            Trouble::Retry(said)
        }
        "isv.AMOUNT_NOT_ENOUGH"
        | "isv.OUT_OF_SERVICE"
        | "isv.DENY_IP_RANGE"
        | "isv.PRODUCT_UN_SUBSCRIPT"
        | "isv.ACCOUNT_NOT_EXISTS"
        | "isv.ACCOUNT_ABNORMAL"
        | "isp.RAM_PERMISSION_DENY"
        | "isv.SMS_SIGNATURE_ILLEGAL"
        | "isv.SIGN_STATE_ILLEGAL"
        | "isv.SIGN_NAME_ILLEGAL"
        | "SignatureDoesNotMatch"
        | "SignatureNonceUsed"
        | "Forbidden.RAM" => Trouble::Down(said),
        _ if code.starts_with("isv.RAM_") || code.starts_with("InvalidAccessKeyId") || code.starts_with("InvalidTimeStamp") => {
            Trouble::Down(said)
        }
        _ if code.starts_with("isp.") => Trouble::Retry(said),
        _ => Trouble::Refused(said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_says_what_to_do() {
        assert_eq!(of("isv.BUSINESS_LIMIT_CONTROL", "触发分钟级流控Permits:1"), Trouble::LaterForThem(ONE_NUMBER));
        assert_eq!(of("isv.BUSINESS_LIMIT_CONTROL", "触发天级流控Permits:10"), Trouble::LaterForThem(EACH_HOUR));
        assert!(matches!(of("isv.DAY_LIMIT_CONTROL", ""), Trouble::Quota(_)));
        assert!(matches!(of("isv.AMOUNT_NOT_ENOUGH", ""), Trouble::Down(_)));
        assert!(matches!(of("isv.RAM_PERMISSION_DENY", ""), Trouble::Down(_)));
        assert!(matches!(of("isv.MOBILE_NUMBER_ILLEGAL", ""), Trouble::Blocked(_)));
        assert!(matches!(of("isp.SYSTEM_ERROR", ""), Trouble::Retry(_)));
        assert!(matches!(of("isv.SMS_TEMPLATE_ILLEGAL", ""), Trouble::Refused(_)));
        assert!(matches!(of("SignatureDoesNotMatch", ""), Trouble::Down(_)));
        assert!(matches!(of("isv.NEW", ""), Trouble::Refused(_)));
    }
}
