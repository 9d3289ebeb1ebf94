//! The provider is strict, and has the vector of the token that both sides must know.

use super::*;

#[tokio::test]
async fn it_knows_googles_own_words_and_refuses_others() {
    let manners = Manners { token: Some("ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg".into()), ..Manners::default() };
    let sim = Sim::open("someuser@example.com", "", manners, Trouble::default()).await.expect("it opens");
    let word = "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==";
    assert!(sim.knows_token(word));
    assert!(!sim.knows_token("dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQE="));
    assert!(!sim.knows_password("someuser@example.com", ""), "there is no way past the token");
}
