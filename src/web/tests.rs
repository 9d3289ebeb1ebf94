//! The shell as a browser and as an attacker meet it: the whole router over a store in a temporary folder.

mod admin;
mod doors;
mod knowledge;
mod live;
mod pages;
mod reach;
mod shape;
mod topics;
mod wallboard;

use super::i18n::I18n;
use super::live::Live;
use super::state::{Reload, Site};
use super::{WebState, routes};
use crate::auth::{Cookies, Gate, person};
use crate::clock::Clock;
use crate::config::{Config, Loaded};
use crate::desk::callback::link::Links;
use crate::desk::id::{AgentId, At};
use crate::store::{Store, users};
use crate::switchboard::Switchboard;
use arc_swap::ArcSwap;
use axum::Router;
use axum::body::{Body, to_bytes};
use http::{HeaderMap, Request, StatusCode, header};
use std::path::PathBuf;
use std::sync::Arc;
use tower::ServiceExt;

const TOML: &str = r#"# the test's firm
[site]
name = "Larkfield"
[server]
listen = "127.0.0.1:8080"
tls = "off"
[[queues]]
id = "sales"
[[agents]]
id = "jonas"
queues = ["sales"]
[[queues]]
id = "support"
[[agents]]
id = "otto"
queues = ["support"]
[[agents]]
id = "kim"
queues = ["support"]
[[agents]]
id = "mara"
role = "supervisor"
queues = ["sales"]
[[agents]]
id = "ada"
role = "admin"
"#;
const PASSWORD: &str = "a horse of the sea";

/// A server without a socket.
struct Rig {
    state: WebState,
    router: Router,
    config: PathBuf,
    _folder: tempfile::TempDir,
}

/// What came back.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("")
    }
}

impl Rig {
    async fn new() -> Rig {
        let folder = tempfile::tempdir().unwrap();
        let config_path = folder.path().join("hubline.toml");
        std::fs::write(&config_path, TOML).unwrap();
        let loaded = Config::load(&config_path).map_err(|r| r.plain()).unwrap();
        let store = Store::open(&folder.path().join("data")).unwrap();
        let clock = Clock::test(At(1_790_000_000_000));
        let declared = loaded.config.members().map(|m| users::Declared { id: m.id, name: m.name, role: m.role, language: None }).collect();
        users::declare(&store, declared, clock.now()).await.unwrap();
        let switchboard = Switchboard::start(store.clone(), clock.clone(), Arc::new(loaded.catalog.clone())).unwrap();
        let config = Arc::new(ArcSwap::from_pointee(loaded));
        let gate = Gate::new(store.clone(), clock.clone(), config.clone(), Cookies::Localhost).unwrap();
        let (reload, mut asked) = Reload::channel();
        let (swap, path) = (config.clone(), config_path.clone());
        tokio::spawn(async move {
            while let Some(answer) = asked.recv().await {
                let read: Result<Loaded, _> = Config::load(&path);
                let _ = answer.send(read.map(|new| swap.store(Arc::new(new))).map_err(|report| report.plain()));
            }
        });
        let site = Site { config_path: Some(config_path.clone()), ..Site::default() };
        let i18n = I18n::embedded().unwrap();
        let links = Arc::new(ArcSwap::from_pointee(Some(Links::new("http://localhost", [7; 32]))));
        let state = WebState {
            store,
            switchboard,
            config,
            clock,
            i18n,
            live: Live::default(),
            gate,
            site: Arc::new(site),
            reload,
            links,
            trials: crate::web::state::Trials::channel().0,
            channels: crate::web::state::Channels::channel().0,
            sources: crate::web::state::Sources::channel().0,
            callers: Default::default(),
            topics: Default::default(),
            today: Default::default(),
        };
        let router = routes::private(state.clone(), Router::new());
        Rig { state, router, config: config_path, _folder: folder }
    }

    /// A cookie header of somebody signed in.
    async fn cookie(&self, who: &str) -> String {
        let known = person(&self.state.config.load(), who).unwrap();
        let entered = self.state.gate.enter(known, "127.0.0.1".parse().unwrap(), "Firefox/130 Windows").await.unwrap();
        entered.cookie.split(';').next().unwrap().to_owned()
    }

    async fn set_password(&self, who: &str) {
        self.state.gate.set_password(&AgentId::from(who), PASSWORD).await.unwrap();
    }

    /// A browser's navigation.
    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send(Request::get(path).header(header::ACCEPT, "text/html").header(header::COOKIE, cookie).body(Body::empty()).unwrap()).await
    }

    /// A form sent by a page of this site.
    async fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header(header::ACCEPT, "text/html")
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(encode(form))).unwrap()).await
    }

    async fn send(&self, mut request: Request<Body>) -> Answer {
        request.headers_mut().entry(header::HOST).or_insert("desk.example".parse().unwrap());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), 4 << 20).await.unwrap();
        Answer { status, headers, text: String::from_utf8_lossy(&body).into_owned() }
    }
}

fn encode(form: &[(&str, &str)]) -> String {
    let escape = |text: &str| {
        text.bytes().map(|b| if b.is_ascii_alphanumeric() { (b as char).to_string() } else { format!("%{b:02X}") }).collect::<String>()
    };
    form.iter().map(|(k, v)| format!("{}={}", escape(k), escape(v))).collect::<Vec<_>>().join("&")
}
