//! A network that lets requests through and no sockets, as some firms' do: every connection with an upgrade in it is cut off.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

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

/// Passes connections on to this address.
pub async fn without_sockets(house: SocketAddr) -> Network {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let network = Network { address: listener.local_addr().expect("an address"), cut_off: Arc::default() };
    let cut_off = network.cut_off.clone();
    tokio::spawn(async move {
        while let Ok((page, _)) = listener.accept().await {
            tokio::spawn(pass(page, house, cut_off.clone()));
        }
    });
    network
}

async fn pass(page: TcpStream, house: SocketAddr, cut_off: Arc<AtomicUsize>) {
    let Ok(house) = TcpStream::connect(house).await else { return };
    let ((mut from_page, mut to_page), (mut from_house, mut to_house)) = (page.into_split(), house.into_split());
    let there = async {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(n @ 1..) = from_page.read(&mut buffer).await {
            // Browsers send the head of a request in one piece.
            if String::from_utf8_lossy(&buffer[..n]).to_lowercase().contains("upgrade: websocket") {
                cut_off.fetch_add(1, Ordering::Relaxed);
                return;
            }
            if to_house.write_all(&buffer[..n]).await.is_err() {
                return;
            }
        }
    };
    let back = async { drop(tokio::io::copy(&mut from_house, &mut to_page).await) };
    // Whichever ends first takes the other along.
    tokio::select! {
        () = there => {}
        () = back => {}
    }
}
