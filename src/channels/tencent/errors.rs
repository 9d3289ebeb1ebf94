//! What Tencent's `Code` means for the message (cloud.tencent.com/document/product/382/59177).

use crate::channels::platform::Trouble;
use std::time::Duration;

const HALF_MINUTE: Duration = Duration::from_secs(30);
const HOUR: Duration = Duration::from_secs(3_600);

pub(super) fn of(code: &str, message: &str) -> Trouble {
    let said = format!("{code}: {message}").chars().filter(|c| !c.is_control()).take(200).collect::<String>();
    match code {
        "LimitExceeded.PhoneNumberThirtySecondLimit" => Trouble::LaterForThem(HALF_MINUTE),
        "LimitExceeded.PhoneNumberOneHourLimit" | "LimitExceeded.PhoneNumberDailyLimit" => Trouble::LaterForThem(HOUR),
        "LimitExceeded.AppDailyLimit"
        | "LimitExceeded.DailyLimit"
        | "LimitExceeded.AppCountryOrRegionDailyLimit"
        | "LimitExceeded.AppGlobalDailyLimit" => Trouble::Quota(said),
        "RequestLimitExceeded" | "LimitExceeded.DeliveryFrequencyLimit" => Trouble::Retry(said),
        "FailedOperation.PhoneNumberInBlacklist"
        | "InvalidParameterValue.IncorrectPhoneNumber"
        | "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber" => Trouble::Blocked(said),
        "FailedOperation.InsufficientBalanceInSmsPackage"
        | "FailedOperation.SignatureIncorrectOrUnapproved"
        | "FailedOperation.FailResolvePacket"
        | "UnauthorizedOperation.RequestIpNotInWhitelist"
        | "UnauthorizedOperation.SmsSdkAppIdVerifyFail"
        | "UnauthorizedOperation.ServiceSuspendDueToArrears"
        | "UnauthorizedOperation.RequestPermissionDeny"
        | "UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny"
        | "InvalidParameterValue.SdkAppIdNotExist" => Trouble::Down(said),
        _ if code.starts_with("AuthFailure") => Trouble::Down(said),
        _ if code.starts_with("InternalError") || code == "ServiceUnavailable" => Trouble::Uncertain(said),
        _ if code.starts_with("LimitExceeded") => Trouble::Retry(said),
        _ => Trouble::Refused(said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_says_what_to_do() {
        assert_eq!(of("LimitExceeded.PhoneNumberThirtySecondLimit", ""), Trouble::LaterForThem(HALF_MINUTE));
        assert_eq!(of("LimitExceeded.PhoneNumberDailyLimit", ""), Trouble::LaterForThem(HOUR));
        assert!(matches!(of("LimitExceeded.AppDailyLimit", ""), Trouble::Quota(_)));
        assert!(matches!(of("RequestLimitExceeded", ""), Trouble::Retry(_)));
        assert!(matches!(of("AuthFailure.SignatureFailure", ""), Trouble::Down(_)));
        assert!(matches!(of("FailedOperation.InsufficientBalanceInSmsPackage", ""), Trouble::Down(_)));
        assert!(matches!(of("FailedOperation.PhoneNumberInBlacklist", ""), Trouble::Blocked(_)));
        assert!(matches!(of("InternalError.SendAndRecvFail", ""), Trouble::Uncertain(_)));
        assert!(matches!(of("FailedOperation.TemplateIncorrectOrUnapproved", ""), Trouble::Refused(_)));
    }
}
