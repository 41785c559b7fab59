//! A line between two daemons that can be cut: what is under way on it stops, and neither end is told.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// A line to an address.
pub(crate) struct Line {
    pub(crate) address: SocketAddr,
    is_cut: Arc<AtomicBool>,
}

impl Line {
    /// A line that leads there. Bytes take `delay`.
    pub(crate) fn to(there: SocketAddr, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
        let address = listener.local_addr().expect("it is bound");
        let is_cut = Arc::new(AtomicBool::new(false));
        let cut = is_cut.clone();
        thread::spawn(move || {
            for one in listener.incoming().flatten() {
                let cut = cut.clone();
                thread::spawn(move || {
                    while cut.load(Ordering::Relaxed) {
                        thread::sleep(Duration::from_millis(20));
                    }
                    let Ok(other) = TcpStream::connect(there) else { return };
                    let (Ok(one_read), Ok(other_read)) = (one.try_clone(), other.try_clone()) else { return };
                    let theirs = cut.clone();
                    thread::spawn(move || carry(one_read, other, &theirs, delay));
                    carry(other_read, one, &cut, delay);
                });
            }
        });
        Self { address, is_cut }
    }

    /// Cuts it, or mends it.
    pub(crate) fn cut(&self, cut: bool) {
        self.is_cut.store(cut, Ordering::Relaxed);
    }
}

/// Carries bytes one way until either end hangs up. While the line is cut they wait in it.
fn carry(mut from: TcpStream, mut to: TcpStream, cut: &AtomicBool, delay: Duration) {
    let mut bytes = [0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        thread::sleep(delay);
        while cut.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(20));
        }
        if to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    drop(from.shutdown(std::net::Shutdown::Both));
    drop(to.shutdown(std::net::Shutdown::Both));
}
