//! A bank over HTTP that outlives whoever calls it: it pays once for each key, and counts.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Default)]
struct Books {
    /// By idempotency key: what was paid.
    paid: BTreeMap<String, String>,
    /// Requests that came with a key that was known.
    repeated: u64,
}

/// A bank in a thread.
pub(crate) struct Bank {
    pub(crate) address: SocketAddr,
    books: Arc<Mutex<Books>>,
}

impl Bank {
    pub(crate) fn open(at: SocketAddr) -> Self {
        let listener = TcpListener::bind(at).expect("the address is ours");
        let address = listener.local_addr().expect("it is bound");
        let books = Arc::new(Mutex::new(Books::default()));
        let theirs = books.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let books = theirs.clone();
                std::thread::spawn(move || drop(serve(&stream, &books)));
            }
        });
        Self { address, books }
    }

    /// The keys that it paid for.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.books.lock().expect("nobody panics").paid.keys().cloned().collect()
    }

    /// How often it was asked again for what it had done.
    pub(crate) fn repeated(&self) -> u64 {
        self.books.lock().expect("nobody panics").repeated
    }
}

/// Serves one connection: requests with a body and a key, one after the other.
fn serve(stream: &TcpStream, books: &Mutex<Books>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.set_nodelay(true)?;
    let mut read = BufReader::new(stream.try_clone()?);
    loop {
        let (mut key, mut length) = (String::new(), 0);
        let mut line = String::new();
        if read.read_line(&mut line)? == 0 {
            return Ok(());
        }
        loop {
            let mut line = String::new();
            read.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "idempotency-key" => key = value.trim().to_owned(),
                "content-length" => length = value.trim().parse().unwrap_or(0),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        read.read_exact(&mut body)?;
        let answer = {
            let mut books = books.lock().expect("nobody panics");
            let known = books.paid.get(&key).cloned();
            books.repeated += u64::from(known.is_some());
            known.unwrap_or_else(|| {
                let receipt = format!("paid {}", books.paid.len());
                books.paid.insert(key, receipt.clone());
                receipt
            })
        };
        write!(&*stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{answer}", answer.len())?;
    }
}
