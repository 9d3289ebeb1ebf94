//! Live checks of a trunk: its server's name, an OPTIONS, and a REGISTER where it logs in.

use super::live::Finding::{self, Bad, Good, Odd};
use crate::config::Config;
use crate::sip::config::TrunkSection;
use crate::sip::{Authorities, Credentials, Endpoint, EndpointConfig, GuardConfig, Reach, Registration, RegistrationState, Transport, Uri};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// RFC 3261 §17.1.1.2 gives up after 32 s; nobody waits that long for a check.
const PATIENCE: Duration = Duration::from_secs(8);

/// What can be tried from here. A trunk known by its addresses only cannot be asked anything.
pub(super) async fn check(config: &Config, trunk: &TrunkSection, running: bool) -> Vec<Finding> {
    let Some(server) = &trunk.server else { return vec![Good("takes calls from its addresses; nothing to ask".to_owned())] };
    let server = server.get_ref();
    match resolve(server).await {
        Ok(found) => {
            let found: Vec<String> = found.iter().map(|address| address.ip().to_string()).collect();
            let mut findings = vec![Good(format!("{server} is {}", found.join(", ")))];
            match asked(config, trunk, server, running).await {
                Ok(more) => findings.extend(more),
                Err(error) => findings.push(Bad(format!("{error:#}"))),
            }
            findings
        }
        Err(error) => vec![Bad(format!("{server}: {error}"))],
    }
}

async fn resolve(server: &str) -> std::io::Result<Vec<SocketAddr>> {
    let with_port = server.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let address = if with_port { server.to_owned() } else { format!("{server}:5060") };
    Ok(tokio::net::lookup_host(address).await?.collect())
}

async fn asked(config: &Config, trunk: &TrunkSection, server: &str, running: bool) -> anyhow::Result<Vec<Finding>> {
    let transport = trunk.transport.map(Transport::from);
    // A port of its own, so that it also works beside a running Hubline.
    let ours = config
        .sip
        .udp
        .get_ref()
        .0
        .or(config.sip.tcp.get_ref().0)
        .map_or(SocketAddr::from(([0, 0, 0, 0], 0)), |address| SocketAddr::new(address.ip(), 0));
    let (endpoint, _incoming) = Endpoint::bind(EndpointConfig {
        udp: Some(ours),
        tcp: Some(ours),
        tls: None,
        authorities: Authorities::system()?,
        name_servers: config.sip.name_servers.clone(),
        max_calls: 1,
        public_address: config.sip.public_address,
        // Only questions are asked: nobody is told of audio.
        audio: Reach { public: None, bind: ours.ip() },
        user_agent: format!("Hubline/{}", env!("CARGO_PKG_VERSION")),
        guard: GuardConfig::default(),
    })
    .await?;
    if let Some(ca) = &trunk.ca {
        let host = Uri::parse(&format!("sip:{server}"))?.host;
        endpoint.set_authorities([(host, Authorities::of(&config.folder.join(ca.get_ref()))?)].into());
    }
    let mut findings = vec![options(&endpoint, server, transport).await?];
    if *trunk.register.get_ref() {
        findings.push(match running {
            true => Odd("log-in not tried: it would take the line from the running Hubline".to_owned()),
            false => register(config, trunk, server, transport, &endpoint).await?,
        });
    }
    endpoint.shutdown().await;
    Ok(findings)
}

/// Any answer shows that a SIP server is there; many refuse OPTIONS of strangers.
async fn options(endpoint: &Endpoint, server: &str, transport: Option<Transport>) -> anyhow::Result<Finding> {
    let to = Uri::parse(&format!("sip:{server}"))?;
    Ok(match tokio::time::timeout(PATIENCE, endpoint.options(&to, transport)).await {
        Ok(Ok(status)) => Good(format!("answers OPTIONS with {status}")),
        Ok(Err(error)) => Bad(format!("OPTIONS: {error}")),
        Err(_) => Bad(format!("no answer to OPTIONS within {} s", PATIENCE.as_secs())),
    })
}

async fn register(
    config: &Config,
    trunk: &TrunkSection,
    server: &str,
    transport: Option<Transport>,
    endpoint: &Endpoint,
) -> anyhow::Result<Finding> {
    let user = trunk.user.as_ref().map(|user| user.get_ref().clone()).unwrap_or_default();
    let password = trunk.password.as_ref().map(|password| password.get_ref().reveal(&config.folder)).transpose()?;
    let name: Arc<str> = Arc::from(trunk.id.get_ref().as_str());
    let registration = Registration {
        name: name.clone(),
        registrar: Uri::parse(&format!("sip:{server}"))?,
        transport,
        aor: Uri::parse(&format!("sip:{user}@{server}"))?,
        credentials: password.map(|password| Credentials { username: user.clone(), password }),
        contact_user: Some(user.clone()),
        expires: Duration::from_secs(60),
    };
    let mut state = endpoint.register(registration).await;
    let settled = state.wait_for(|state| !matches!(state, RegistrationState::Trying));
    let finding = match tokio::time::timeout(PATIENCE, settled).await {
        Ok(Ok(state)) => match &*state {
            RegistrationState::Registered { expires } => Good(format!("{user} is logged in, for {} s at a time", expires.as_secs())),
            RegistrationState::Failed { status: Some(status), .. } => Bad(format!("log-in of {user} is refused with {status}")),
            _ => Bad(format!("log-in of {user} got no answer")),
        },
        _ => Bad(format!("log-in of {user}: no answer within {} s", PATIENCE.as_secs())),
    };
    endpoint.unregister(&name).await;
    Ok(finding)
}
