//! Networks between a page and the house: one that lets requests through and no sockets, as some firms' do (every connection with an upgrade
//! in it is cut off), one that keeps a request back for as long as the test wants, and one that changes, which leaves what was open dead.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Where it listens, and what it did. It ends with the test.
pub struct Network {
    pub address: SocketAddr,
    cut_off: Arc<AtomicUsize>,
}

impl Network {
    /// How many sockets were asked for in vain.
    pub fn cut_off(&self) -> usize {
        self.cut_off.load(Ordering::Relaxed)
    }
}

/// A slow network. Whatever waits goes on once `release` says true.
pub struct Slow {
    pub address: SocketAddr,
    pub release: watch::Sender<bool>,
}

/// A network that another one takes the place of.
pub struct Changing {
    pub address: SocketAddr,
    changes: Arc<AtomicUsize>,
}

impl Changing {
    /// Nothing passes any more through what is open now, and nobody is told; what is opened from now on works.
    pub fn change(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }
}

/// Which requests get through.
#[derive(Clone)]
enum Rule {
    /// Those of connections that are older than the last change do not.
    SinceChange { changes: Arc<AtomicUsize>, opened: usize },
    /// Those for a socket do not, and are counted.
    NoSockets(Arc<AtomicUsize>),
    /// Those for something under this path wait.
    KeepBack(&'static str, watch::Receiver<bool>),
}

impl Rule {
    /// Whether bytes of the connection vanish on their way.
    fn swallows(&self) -> bool {
        matches!(self, Rule::SinceChange { changes, opened } if changes.load(Ordering::Relaxed) != *opened)
    }

    /// As a connection has it that is opened now.
    fn opened(mut self) -> Rule {
        if let Rule::SinceChange { changes, opened } = &mut self {
            *opened = changes.load(Ordering::Relaxed);
        }
        self
    }

    /// Whether the connection goes on with this request.
    async fn lets_through(&mut self, request: &str) -> bool {
        match self {
            Rule::SinceChange { .. } => true,
            Rule::NoSockets(cut_off) => {
                let socket = request.to_lowercase().contains("upgrade: websocket");
                cut_off.fetch_add(usize::from(socket), Ordering::Relaxed);
                !socket
            }
            // A test that has ended keeps nobody waiting.
            Rule::KeepBack(path, released) => {
                !request.starts_with(&format!("GET {path}")) || released.wait_for(|released| *released).await.is_ok()
            }
        }
    }
}

/// Passes connections on to this address, sockets excepted.
pub async fn without_sockets(house: SocketAddr) -> Network {
    let cut_off: Arc<AtomicUsize> = Arc::default();
    Network { address: open(house, Rule::NoSockets(cut_off.clone())).await, cut_off }
}

/// Passes connections on to this address; who asks for something under this path waits.
pub async fn keeping_back(house: SocketAddr, path: &'static str) -> Slow {
    let (release, released) = watch::channel(false);
    Slow { address: open(house, Rule::KeepBack(path, released)).await, release }
}

/// Passes connections on to this address, until the network changes.
pub async fn changing(house: SocketAddr) -> Changing {
    let changes: Arc<AtomicUsize> = Arc::default();
    Changing { address: open(house, Rule::SinceChange { changes: changes.clone(), opened: 0 }).await, changes }
}

async fn open(house: SocketAddr, rule: Rule) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((page, _)) = listener.accept().await {
            tokio::spawn(pass(page, house, rule.clone().opened()));
        }
    });
    address
}

async fn pass(page: TcpStream, house: SocketAddr, mut rule: Rule) {
    let Ok(house) = TcpStream::connect(house).await else { return };
    let ((mut from_page, mut to_page), (mut from_house, mut to_house)) = (page.into_split(), house.into_split());
    let swallows = rule.clone();
    let there = async {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(n @ 1..) = from_page.read(&mut buffer).await {
            if rule.swallows() {
                continue;
            }
            // Browsers send the head of a request in one piece.
            if !rule.lets_through(&String::from_utf8_lossy(&buffer[..n])).await {
                return;
            }
            if to_house.write_all(&buffer[..n]).await.is_err() {
                return;
            }
        }
        silence(&rule).await;
    };
    let back = async {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(n @ 1..) = from_house.read(&mut buffer).await {
            if !swallows.swallows() && to_page.write_all(&buffer[..n]).await.is_err() {
                return;
            }
        }
        silence(&swallows).await;
    };
    // Whichever ends first takes the other along.
    tokio::select! {
        () = there => {}
        () = back => {}
    }
}

/// The other side is not told of an end, either.
async fn silence(rule: &Rule) {
    if rule.swallows() {
        std::future::pending::<()>().await;
    }
}
