//! From the configuration to what calls need: ports, trunks, prompts.

use super::{flows, network};
use crate::clock::Clock;
use crate::config::{Config, Loaded};
use crate::desk::catalog::LineTarget;
use crate::desk::id::TrunkId;
use crate::media::{Plane, PlaneConfig};
use crate::sip::config::TrunkSection;
use crate::sip::{
    Account, Authorities, Credentials, Endpoint, EndpointConfig, GuardConfig, Incoming, IpNet, Reach, Registration, Srtp, Transport, Uri,
};
use crate::sound::Improve;
use crate::store::Store;
use crate::switchboard::Switchboard;
use crate::tls::acme::Acme;
use crate::voice::prompts::Prompts;
use crate::voice::softphone::Softphones;
use crate::voice::{DeskPhone, Parts, Settings, Trunk, Voice};
use crate::webrtc::WebConfig;
use anyhow::Context;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A browser leg without a packet for so long is told silent: hold music must start before the customer wonders.
const BROWSER_SILENCE: Duration = Duration::from_millis(500);
/// The same for telephones, which may suppress silence and rightly send nothing for a while.
const PHONE_SILENCE: Duration = Duration::from_secs(30);
/// A SIP server's port where none is written (RFC 3261 §19.1.2).
const SIP_PORT: u16 = 5060;

/// The running parts of voice; cheap to clone.
#[derive(Clone)]
pub(super) struct Calls {
    pub endpoint: Endpoint,
    pub plane: Plane,
    web: WebConfig,
    pub softphones: Softphones,
    pub voice: Voice,
    store: Store,
}

/// Opens the ports and starts to take calls.
pub(super) async fn start(
    loaded: &Loaded,
    store: &Store,
    switchboard: &Switchboard,
    clock: &Clock,
    acme: Option<&Arc<Acme>>,
) -> anyhow::Result<Calls> {
    let config = &loaded.config;
    let plane = Plane::start(plane_config(config)).context("the media plane")?;
    let web = plane.web_addr().context("the media plane has no port for browsers")?;
    let web = WebConfig::new(web, network::for_browsers(audio(config), web.port()));
    let softphones = Softphones::new(plane.clone(), web.clone(), switchboard.clone(), clock.clone());
    let (endpoint, incoming) = bind(config, store.data(), clock, acme).await?;
    let settings = settings(loaded, &endpoint, store).await?;
    let parts = Parts {
        store: store.clone(),
        switchboard: switchboard.clone(),
        endpoint: endpoint.clone(),
        plane: plane.clone(),
        softphones: softphones.clone(),
        web: web.clone(),
        clock: clock.clone(),
        settings,
        recordings: store.data().join("recordings"),
    };
    let voice = Voice::start(parts, incoming).await?;
    Ok(Calls { endpoint, plane, web, softphones, voice, store: store.clone() })
}

impl Calls {
    /// Resolves what a reload may change; nothing is changed yet.
    pub(super) async fn prepare(&self, loaded: &Loaded) -> anyhow::Result<Settings> {
        settings(loaded, &self.endpoint, &self.store).await
    }

    /// Takes it over.
    pub(super) async fn reload(&self, settings: Settings) {
        self.voice.reload(settings).await;
    }

    /// Looks the trunks' servers up again: a provider may have moved, or the name server may have been away when we started. While
    /// one gives no answer, what is known stays.
    pub(super) async fn look_up_trunks(&self, loaded: &Loaded) {
        let mut found = Vec::new();
        for section in &loaded.config.trunks {
            if let Ok(sources) = sources(section).await {
                found.push((TrunkId::from(section.id.get_ref().as_str()), sources));
            }
        }
        self.voice.move_trunks(found).await;
    }

    /// The machine has got another address: new calls name it, running ones are offered it. An address that the configuration names
    /// stays as it is.
    pub(super) async fn moved(&self, config: &Config) {
        if config.sip.public_address.is_none() || audio(config).public.is_none() {
            self.advertise(config).await;
        }
    }

    /// The same of an address that the configuration names.
    pub(super) async fn renamed(&self, before: &Config, now: &Config) {
        let names = |config: &Config| (config.sip.public_address, config.media.advertise);
        if names(before) != names(now) {
            self.advertise(now).await;
        }
    }

    async fn advertise(&self, config: &Config) {
        let audio = audio(config);
        self.web.set_advertised(network::for_browsers(audio, self.web.port_addr.port()));
        self.endpoint.set_public_address(config.sip.public_address, audio).await;
    }

    /// Ends every call properly, then closes the ports.
    pub(super) async fn stop(self) {
        self.voice.stop().await;
        self.endpoint.shutdown().await;
        let plane = self.plane;
        if tokio::task::spawn_blocking(move || plane.shutdown()).await.is_err() {
            tracing::error!("the media plane did not end properly");
        }
    }
}

/// How audio reaches us.
fn audio(config: &Config) -> Reach {
    Reach { public: config.media.advertise.or(config.sip.public_address), bind: config.media.bind }
}

fn plane_config(config: &Config) -> PlaneConfig {
    let threads = match config.media.threads {
        0 => std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2)),
        threads => threads,
    };
    PlaneConfig {
        threads,
        rtp_ports: config.media.rtp_ports.get_ref().range(),
        bind: config.media.bind,
        web: Some(SocketAddr::new(config.media.bind, *config.media.web_port.get_ref())),
        silence_after: BROWSER_SILENCE,
        rtp_silence_after: PHONE_SILENCE,
        clock: || Clock::system().instant(),
    }
}

async fn bind(
    config: &Config,
    data: &Path,
    clock: &Clock,
    acme: Option<&Arc<Acme>>,
) -> anyhow::Result<(Endpoint, tokio::sync::mpsc::Receiver<Incoming>)> {
    let tls = match config.sip.tls.get_ref().0 {
        Some(address) => Some((address, crate::tls::for_sip(config, data, clock.now(), acme).context("the certificate for SIP over TLS")?)),
        None => None,
    };
    let endpoint = EndpointConfig {
        tls,
        authorities: Authorities::system().context("the system's certificate authorities")?,
        name_servers: config.sip.name_servers.clone(),
        max_calls: *config.sip.max_calls.get_ref() as usize,
        udp: config.sip.udp.get_ref().0,
        tcp: config.sip.tcp.get_ref().0,
        public_address: config.sip.public_address,
        audio: audio(config),
        user_agent: format!("Hubline/{}", env!("CARGO_PKG_VERSION")),
        guard: GuardConfig::default(),
    };
    Endpoint::bind(endpoint).await.context("SIP")
}

async fn settings(loaded: &Loaded, endpoint: &Endpoint, store: &Store) -> anyhow::Result<Settings> {
    let config = &loaded.config;
    let mut trunks = Vec::new();
    for section in &config.trunks {
        trunks.push(trunk(loaded, section).await.with_context(|| format!("trunk {}", section.id.get_ref()))?);
    }
    let bound =
        endpoint.local_udp().or(endpoint.local_tcp()).or(endpoint.local_tls()).unwrap_or(SocketAddr::from(([127, 0, 0, 1], SIP_PORT)));
    let mut phones = Vec::new();
    for (login, agent, username) in config.phone_logins() {
        let password = login.password.get_ref().reveal(&config.folder).with_context(|| format!("the phone of {agent}"))?;
        let account = Account { agent: agent.0, username, password, tls_only: login.srtp == Srtp::Required };
        phones.push(DeskPhone { account, srtp: login.srtp });
    }
    let catalog = &loaded.catalog;
    let own_lines = catalog.lines.iter().filter_map(|line| match &line.to {
        LineTarget::Agent(agent) => Some((line.number.clone(), agent.clone())),
        _ => None,
    });
    let colleagues = catalog.agents.keys().map(|agent| (agent.to_string(), agent.clone())).chain(own_lines).collect();
    Ok(Settings {
        trunks,
        phones,
        colleagues,
        prompts: Prompts::new(config.site.language.get_ref(), config.prompts()),
        speech: flows::speech(loaded, store),
        language: config.site.language.get_ref().clone(),
        browsers: loaded.catalog.agents.values().any(|agent| agent.phone.is_none())
            || loaded.catalog.channels.values().any(|channel| channel.calls.is_some()),
        host: SocketAddr::new(network::advertised(config.sip.public_address, bound.ip()), bound.port()),
    })
}

/// A trunk with its server's addresses looked up: they may send calls, besides the configured sources.
async fn trunk(loaded: &Loaded, section: &TrunkSection) -> anyhow::Result<Trunk> {
    let config = &loaded.config;
    let transport = section.transport.map(Transport::from);
    let id = section.id.get_ref().as_str();
    let sources = match sources(section).await {
        Ok(sources) => sources,
        Err(error) => {
            // The name server may be down for a moment: looked up again later, and the registration tries again by itself.
            tracing::error!(trunk = id, %error, "the trunk's server has no address now");
            declared(section)
        }
    };
    let server = section.server.as_ref().map(|server| Uri::parse(&format!("sip:{}", server.get_ref()))).transpose()?;
    let user = section.user.as_ref().map(|user| user.get_ref().clone());
    Ok(Trunk {
        id: TrunkId::from(id),
        sources,
        transport,
        srtp: *section.srtp.get_ref(),
        authorities: authorities(config, section)?,
        asserts: section.believe_identity,
        server,
        credentials: credentials(config, section)?,
        user,
        registration: registration(config, section, transport)?,
        ping: Some(section.ping.get_ref().duration()).filter(|every| section.server.is_some() && !every.is_zero()),
        ping_failures: *section.ping_failures.get_ref(),
        numbering: loaded.catalog.dial.trunk(&TrunkId::from(id)).map(|trunk| trunk.numbering.clone()).unwrap_or_default(),
        codecs: section.codecs.get_ref().iter().map(|name| name.codec()).collect(),
        improve: Improve { noise: section.noise_suppression, gain: section.automatic_gain },
    })
}

/// Who must have signed the certificate of a trunk's server, where the firm says so.
fn authorities(config: &Config, section: &TrunkSection) -> anyhow::Result<Option<(String, Authorities)>> {
    let (Some(server), Some(ca)) = (&section.server, &section.ca) else { return Ok(None) };
    let host = Uri::parse(&format!("sip:{}", server.get_ref()))?.host;
    Ok(Some((host, Authorities::of(&config.folder.join(ca.get_ref()))?)))
}

/// From where a trunk's calls may come.
async fn sources(section: &TrunkSection) -> std::io::Result<Vec<IpNet>> {
    let mut sources = declared(section);
    if let Some(server) = &section.server {
        let mut found: Vec<IpAddr> = resolve(server.get_ref()).await?.iter().map(SocketAddr::ip).collect();
        // Name servers change the order with each answer.
        found.sort();
        found.dedup();
        sources.extend(found.into_iter().map(|ip| IpNet::new(ip, 128)));
    }
    Ok(sources)
}

fn declared(section: &TrunkSection) -> Vec<IpNet> {
    section.sources.iter().map(|net| IpNet::new(net.get_ref().address, net.get_ref().prefix)).collect()
}

fn registration(config: &Config, section: &TrunkSection, transport: Option<Transport>) -> anyhow::Result<Option<Registration>> {
    let (true, Some(server), Some(user)) = (section.register.get_ref(), &section.server, &section.user) else { return Ok(None) };
    let (server, user) = (server.get_ref(), user.get_ref());
    Ok(Some(Registration {
        name: Arc::from(section.id.get_ref().as_str()),
        registrar: Uri::parse(&format!("sip:{server}"))?,
        transport,
        aor: Uri::parse(&format!("sip:{user}@{server}"))?,
        credentials: credentials(config, section)?,
        contact_user: Some(user.clone()),
        expires: section.renew.get_ref().duration(),
    }))
}

fn credentials(config: &Config, section: &TrunkSection) -> anyhow::Result<Option<Credentials>> {
    let (Some(user), Some(password)) = (&section.user, &section.password) else { return Ok(None) };
    let password = password.get_ref().reveal(&config.folder)?;
    Ok(Some(Credentials { username: user.get_ref().clone(), password }))
}

async fn resolve(server: &str) -> std::io::Result<Vec<SocketAddr>> {
    let with_port = server.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    Ok(match with_port {
        true => tokio::net::lookup_host(server).await?.collect(),
        false => tokio::net::lookup_host((server, SIP_PORT)).await?.collect(),
    })
}
