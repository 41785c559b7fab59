//! A scripted server on loopback: it keeps what it was asked, and answers as it is told.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A server that lives as long as the process.
pub(crate) struct Server {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// A server that answers the nth request, from 0, with these bytes. It closes the connection after them, unless they are none:
    /// then it holds it open.
    pub(crate) fn start(answer: impl Fn(usize, &str) -> Vec<u8> + Send + 'static) -> Self {
        Self::wrapped(answer, Some)
    }

    /// The same behind a wrapper of streams, such as TLS.
    pub(crate) fn wrapped<S: Read + Write + Send + 'static>(
        answer: impl Fn(usize, &str) -> Vec<u8> + Send + 'static,
        wrap: impl Fn(TcpStream) -> Option<S> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("it is bound").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = asked.clone();
        thread::spawn(move || {
            let mut held = Vec::new();
            for stream in listener.incoming().flatten() {
                let Some(mut stream) = wrap(stream) else { continue };
                let Some(request) = request(&mut stream) else { continue };
                let nth = {
                    let mut asked = kept.lock().expect("no panic");
                    asked.push(request.clone());
                    asked.len() - 1
                };
                let answer = answer(nth, &request);
                drop(stream.write_all(&answer).and_then(|()| stream.flush()));
                if answer.is_empty() || !answer.ends_with(b"\n") {
                    held.push(stream);
                }
            }
        });
        Self { port, asked }
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

/// A whole request: head, and as much body as it says.
fn request(stream: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |it| it.parse().unwrap_or(0));
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(format!("{}{}", String::from_utf8_lossy(&bytes), String::from_utf8_lossy(&body)))
}

/// An answer whose body ends in a line.
pub(crate) fn reply(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len() + 1;
    format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\n\r\n{body}\n").into_bytes()
}
