//! The web side: state, routers, listeners. The softphone's two addresses are joined to the pages here, because pages do not know of voice.

use super::Calls;
use super::relays::relays;
use crate::auth::{Agent, Cookies, Gate};
use crate::channels::ClientAddress;
use crate::channels::post::Post;
use crate::channels::webchat::WebChat;
use crate::clock::Clock;
use crate::config::Loaded;
use crate::config::value::{Cidr, Name};
use crate::desk::callback::link::Links;
use crate::store::Store;
use crate::switchboard::Switchboard;
use crate::tls;
use crate::tls::acme::Acme;
use crate::voice::softphone::{OfferError, Softphones};
use crate::web::client::{ClientIp, TrustedProxies};
use crate::web::config::TlsMode;
use crate::web::i18n::I18n;
use crate::web::live::Live;
use crate::web::serve::{Transport, serve};
use crate::web::state::{Channels, Reload, Site, Sources, Trials, WebState};
use crate::web::{demo, inbox, knowledge, live, notices, routes, security, wallboard};
use anyhow::Context;
use arc_swap::ArcSwap;
use axum::extract::Request;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The port of https where none is named (RFC 9110 §4.2.2).
const HTTPS: u16 = 443;

/// What the pages are made of.
pub(super) struct Parts<'a> {
    pub loaded: &'a Loaded,
    pub config: Arc<ArcSwap<Loaded>>,
    pub store: Store,
    pub switchboard: Switchboard,
    pub clock: Clock,
    pub calls: &'a Calls,
    pub chat: &'a WebChat,
    pub post: &'a Post,
    pub links: Arc<ArcSwap<Option<Links>>>,
    pub reload: Reload,
    pub trials: Trials,
    pub sources: Sources,
    pub channels: Channels,
    /// Whether the demo's own pages are served too.
    pub demo: bool,
    pub acme: Option<Arc<Acme>>,
    pub stop: CancellationToken,
}

/// The listeners that run.
pub(super) struct Pages {
    pub address: SocketAddr,
    pub public: Option<SocketAddr>,
    pub gate: Gate,
    tasks: Vec<JoinHandle<()>>,
}

/// Opens the listeners.
pub(super) async fn start(parts: Parts<'_>) -> anyhow::Result<Pages> {
    let server = &parts.loaded.config.server;
    let mode = *server.tls.get_ref();
    let own = tls::for_server(&parts.loaded.config, parts.store.data(), parts.clock.now(), parts.acme.as_ref()).context("certificates")?;
    let gate = Gate::new(parts.store.clone(), parts.clock.clone(), parts.config.clone(), cookies(mode))?;
    gate.remember().await.context("attempts to sign in")?;
    let site = Site {
        config_path: Some(parts.loaded.path.clone()),
        ca_pem: own.ca_pem,
        origins: server.public_url.iter().map(|url| url.get_ref().trim_end_matches('/').to_owned()).collect(),
        demo: parts.demo,
    };
    let state = WebState {
        live: Live::default(),
        i18n: I18n::with_overlay(&parts.store.data().join("locales.d"))?,
        store: parts.store,
        switchboard: parts.switchboard,
        config: parts.config,
        clock: parts.clock,
        gate: gate.clone(),
        site: Arc::new(site),
        reload: parts.reload,
        links: parts.links,
        trials: parts.trials,
        sources: parts.sources,
        channels: parts.channels,
        callers: Default::default(),
        topics: Default::default(),
        today: Default::default(),
    };
    let mut tasks = Vec::new();
    let (recent, draws) = (inbox::push::Recent::default(), inbox::draws::Draws::default());
    let drawn = draws.clone();
    let draw = move |state, stage, step| inbox::push::render_step(state, recent.clone(), drawn.clone(), stage, step);
    tasks.push(tokio::spawn(live::pump(state.clone(), parts.stop.clone(), draw)));
    tasks.push(tokio::spawn(live::carry(state.clone(), parts.stop.clone())));
    tasks.push(tokio::spawn(live::watch_lines(state.clone(), parts.stop.clone())));
    tasks.push(tokio::spawn(inbox::push::watch_floor(state.clone(), draws, parts.stop.clone())));
    tasks.push(tokio::spawn(wallboard::push::keep_up(state.clone(), parts.stop.clone())));
    tasks.push(tokio::spawn(notices::push::keep_up(state.clone(), parts.stop.clone())));
    tasks.push(tokio::spawn(knowledge::remind::keep_up(state.clone(), parts.stop.clone())));
    let routers = [parts.chat.router(), parts.post.router()];
    let visitors = routers.into_iter().fold(Router::new(), |all, router| all.merge(router.with_state(())));
    let visitors: Router<WebState> = visitors.layer(middleware::from_fn(client_address));
    let mut more = softphone(parts.calls.softphones.clone());
    if parts.demo {
        more = more.merge(demo::router());
    }
    let mut private = routes::private(state.clone(), more);
    let mut public = None;
    match &server.public {
        Some(section) => {
            let listener = listen(*section.listen.get_ref()).await?;
            public = Some(listener.local_addr()?);
            let mode = *section.tls.get_ref();
            let transport = transport(mode, section.proxies.iter().map(|net| *net.get_ref()), own.public)?;
            let lasts = lasts(mode, &section.public_url, *section.listen.get_ref());
            tasks.push(spawn(listener, transport, lasting(lasts, routes::public(state.clone(), visitors)), parts.stop.clone()));
        }
        None => private = private.merge(routes::public(state.clone(), visitors)),
    }
    let listener = listen(*server.listen.get_ref()).await?;
    let address = listener.local_addr()?;
    let transport = transport(mode, server.proxies.iter().map(|net| *net.get_ref()), own.private)?;
    let lasts = lasts(mode, &server.public_url, *server.listen.get_ref());
    tasks.push(spawn(listener, transport, lasting(lasts, private), parts.stop));
    Ok(Pages { address, public, gate, tasks })
}

impl Pages {
    /// Waits until the listeners have let their last requests finish.
    pub(super) async fn stopped(self) {
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a listener did not end properly");
            }
        }
    }
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot serve pages on {address}"))
}

fn spawn(listener: TcpListener, transport: Transport, router: Router, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = serve(listener, transport, router, stop).await {
            tracing::error!(%error, "a listener ended");
        }
    })
}

fn cookies(mode: TlsMode) -> Cookies {
    match mode {
        TlsMode::Off => Cookies::Localhost,
        TlsMode::LocalCa | TlsMode::Acme | TlsMode::Files | TlsMode::Proxy => Cookies::Https,
    }
}

/// Whether browsers may be told to ask by https for good: with a certificate of the firm's, on the port that needs no naming.
fn lasts(mode: TlsMode, url: &Option<Name>, listen: SocketAddr) -> bool {
    let named = url.as_ref().and_then(|url| url.get_ref().parse::<http::Uri>().ok()).map(|url| url.port_u16().unwrap_or(HTTPS));
    matches!(mode, TlsMode::Acme | TlsMode::Files) && named.unwrap_or(listen.port()) == HTTPS
}

fn lasting(lasts: bool, router: Router) -> Router {
    if lasts { security::https_from_now_on(router) } else { router }
}

fn transport(mode: TlsMode, networks: impl Iterator<Item = Cidr>, tls: Option<Arc<rustls::ServerConfig>>) -> anyhow::Result<Transport> {
    Ok(match mode {
        TlsMode::Off => Transport::Loopback,
        TlsMode::Proxy => Transport::Proxy(TrustedProxies::new(networks.collect())),
        TlsMode::LocalCa | TlsMode::Acme | TlsMode::Files => Transport::Tls(tls.context("no certificate")?),
    })
}

/// Tells the channels' routes from where a request comes.
async fn client_address(ClientIp(ip): ClientIp, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(ClientAddress(ip));
    next.run(request).await
}

#[derive(Deserialize)]
struct Offer {
    sdp: String,
    /// The name the page gave itself; the same stands in what it says on its socket.
    #[serde(default)]
    phone: String,
}

#[derive(Serialize)]
struct Answer {
    sdp: String,
}

/// `POST /softphone/relays`: a name and a password for the relay, before a connection is asked for.
async fn names(State(state): State<WebState>, Agent(session): Agent) -> Response {
    match relays(&state.config.load().config) {
        Ok(Some(relays)) => Json(relays.for_page(session.agent.as_str(), state.clock.now())).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "the relay's secret cannot be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// `POST /softphone/offer`: an agent's page asks for its media connection.
fn softphone(softphones: Softphones) -> Router<WebState> {
    let offer = async move |Agent(session): Agent, Json(offer): Json<Offer>| -> Response {
        match softphones.offer(session.agent.clone(), session.id, live::page_name(&offer.phone), offer.sdp).await {
            Ok(sdp) => Json(Answer { sdp }).into_response(),
            Err(OfferError::TooMany) => StatusCode::TOO_MANY_REQUESTS.into_response(),
            Err(error @ OfferError::Webrtc(_)) => {
                tracing::warn!(agent = %session.agent, %error, "a page's media offer was refused");
                StatusCode::UNPROCESSABLE_ENTITY.into_response()
            }
            Err(error) => {
                tracing::error!(agent = %session.agent, %error, "a media connection could not be made");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    };
    Router::new().route("/softphone/offer", post(offer)).route("/softphone/relays", post(names))
}
