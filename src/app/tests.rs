//! What happens to a running house by its own upkeep.

use super::App;
use crate::config::Config;
use crate::config::Loaded;
use crate::sim::phone::{Line, Phone};
use std::path::Path;

/// A house whose trunk has this server, with ports of the kernel's choice.
fn house(folder: &Path, server: &str) -> Loaded {
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\ntls = \"off\"\n[sip]\nudp = \"127.0.0.1:0\"\ntcp = \"off\"\n\
         [media]\nthreads = 1\nbind = \"127.0.0.1\"\nrtp_ports = \"40100-40199\"\nweb_port = 0\n\
         [[trunks]]\nid = \"line\"\nserver = \"{server}\"\n[[lines]]\nnumber = \"echo\"\necho = true\n"
    );
    let path = folder.join("hubline.toml");
    std::fs::write(&path, text).expect("written");
    Config::load(&path).unwrap_or_else(|report| panic!("{report}"))
}

#[tokio::test]
async fn a_trunks_server_is_found_later_and_what_is_known_stays_when_it_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let unknown = house(folder.path(), "provider.invalid");
    let app = App::start(unknown.clone(), false).await.expect("it starts without a name server");
    let sip = app.addresses().sip_udp.expect("an address");
    let calls = async || {
        let line = Line { name: "Ann".into(), number: "+491".into() };
        let mut phone = Phone::dial(sip, "echo", &line).await.expect("a telephone");
        phone.answered().await
    };
    assert_eq!(calls().await, Err(403), "a stranger");
    app.calls.look_up_trunks(&house(folder.path(), "localhost")).await;
    assert_eq!(calls().await, Ok(()));
    app.calls.look_up_trunks(&unknown).await;
    assert_eq!(calls().await, Ok(()), "no answer changes nothing");
    app.stop().await;
}
