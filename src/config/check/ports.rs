//! Ports: none is used twice, and there are enough for the agents' calls.

use crate::config::Config;
use crate::config::findings::Findings;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

struct Socket {
    what: &'static str,
    udp: bool,
    address: SocketAddr,
    place: Range<usize>,
}

pub(super) fn check(config: &Config, findings: &mut Findings<'_>) {
    let sockets = sockets(config);
    for (index, socket) in sockets.iter().enumerate() {
        if let Some(other) = sockets[..index].iter().find(|other| collide(socket, other)) {
            let protocol = if socket.udp { "UDP" } else { "TCP" };
            let (place, line) = if socket.place.is_empty() { (other, socket) } else { (socket, other) };
            let finding = findings.error(place.place.clone(), format!("{protocol} port {} is used twice", socket.address.port()));
            finding.label(format!("{} and {}", place.what, line.what));
        }
    }
    let range = &config.media.rtp_ports;
    for socket in sockets.iter().filter(|socket| socket.udp && range.get_ref().contains(socket.address.port())) {
        let place = if range.span().is_empty() { socket.place.clone() } else { range.span() };
        findings
            .error(place, format!("`{}` lies within the ports for audio ({})", socket.what, range.get_ref()))
            .label(format!("port {} is among them", socket.address.port()));
    }
    enough(config, findings);
}

fn sockets(config: &Config) -> Vec<Socket> {
    let server = &config.server;
    let mut sockets = vec![Socket { what: "server.listen", udp: false, address: *server.listen.get_ref(), place: server.listen.span() }];
    if let Some(public) = &server.public {
        sockets.push(Socket { what: "server.public.listen", udp: false, address: *public.listen.get_ref(), place: public.listen.span() });
    }
    for (what, udp, listen) in [("sip.tcp", false, &config.sip.tcp), ("sip.udp", true, &config.sip.udp)] {
        if let Some(address) = listen.get_ref().0 {
            sockets.push(Socket { what, udp, address, place: listen.span() });
        }
    }
    let web = &config.media.web_port;
    sockets.push(Socket {
        what: "media.web_port",
        udp: true,
        address: SocketAddr::new(config.media.bind, *web.get_ref()),
        place: web.span(),
    });
    sockets
}

/// The same port on the same address, or one of them on all addresses. Port 0 is a free one each time.
fn collide(a: &Socket, b: &Socket) -> bool {
    let everywhere = |address: IpAddr| address.is_unspecified();
    let (x, y) = (a.address, b.address);
    a.udp == b.udp && x.port() == y.port() && x.port() != 0 && (x.ip() == y.ip() || everywhere(x.ip()) || everywhere(y.ip()))
}

/// Each call has a leg to the trunk and, for a desk phone, one to the agent; each leg takes a pair of ports.
fn enough(config: &Config, findings: &mut Findings<'_>) {
    let legs = |phone: bool, calls: u32| calls as usize * if phone { 2 } else { 1 };
    let people: usize = config.agents.iter().map(|agent| legs(agent.phone.is_some(), *agent.max_calls.get_ref())).sum();
    let groups: usize = config
        .agent_groups
        .iter()
        .map(|group| *group.count.get_ref() as usize * legs(group.phone.is_some(), *group.max_calls.get_ref()))
        .sum();
    let wanted = people + groups;
    let range = &config.media.rtp_ports;
    let pairs = range.get_ref().pairs();
    if pairs < wanted {
        findings
            .warning(range.span(), format!("too few ports for audio: {pairs} pairs, but the agents' calls can take {wanted}"))
            .help("callers who wait take a pair each as well");
    }
}
