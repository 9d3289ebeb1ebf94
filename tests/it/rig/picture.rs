//! What a page shows of a call's pictures, looked at as pictures; and whether anybody is filmed.

use super::PATIENCE;
use super::browser::Browser;
use serde_json::json;
use std::time::{Duration, Instant};

/// A picture so small that a flickering pixel does not count, and what moves does.
const LOOK: &str = "const root = document.querySelector('#hubline-chat')?.shadowRoot ?? document, video = root.querySelector(arguments[0]);
    if (!video?.videoWidth || video.hidden || !video.getClientRects().length) return null;
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 }), context = canvas.getContext('2d');
    context.drawImage(video, 0, 0, 64, 48);
    return [...context.getImageData(0, 0, 64, 48).data].filter((_, at) => at % 4 < 3)";

/// Keeps every track of a picture that the page is given.
pub const FILMED: &str = "if (navigator.mediaDevices) {
    window.filmed = [];
    for (const name of ['getUserMedia', 'getDisplayMedia']) {
        const get = navigator.mediaDevices[name].bind(navigator.mediaDevices);
        navigator.mediaDevices[name] = async wish => {
            const stream = await get(wish);
            window.filmed.push(...stream.getVideoTracks());
            return stream;
        };
    }
}";

impl Browser {
    /// Waits until this <video> shows a picture that has colours and moves: decoded, and not one frame that stands still.
    pub async fn sees_motion(&self, css: &str) {
        let start = Instant::now();
        let mut pictures: Vec<Vec<i64>> = Vec::new();
        loop {
            if let Some(picture) = self.run(LOOK, json!([css])).await.as_array() {
                pictures.push(picture.iter().filter_map(|value| value.as_i64()).collect());
            }
            let last = pictures.last();
            if last.is_some_and(|last| colours(last) > 50 && pictures.iter().any(|other| differ(other, last) > 20)) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "no moving picture in {css}: {} pictures\n{}", pictures.len(), self.inside().await);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Waits until this <video> shows nothing.
    pub async fn sees_nothing(&self, css: &str) {
        let start = Instant::now();
        while !self.run(LOOK, json!([css])).await.is_null() {
            assert!(start.elapsed() < PATIENCE, "{css} still shows a picture");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Drags over a picture; places in parts of it, which fills its element.
    pub async fn drags(&self, css: &str, from: (f64, f64), to: (f64, f64)) {
        let place = "const root = document.querySelector('#hubline-chat')?.shadowRoot ?? document, box = root.querySelector(arguments[0]).getBoundingClientRect();
            return [box.left, box.top, box.width, box.height]";
        let edge: Vec<f64> =
            self.run(place, json!([css])).await.as_array().expect("a box").iter().filter_map(|edge| edge.as_f64()).collect();
        let at = |(x, y): (f64, f64)| json!({ "type": "pointerMove", "duration": 60, "x": (edge[0] + x * edge[2]) as i64, "y": (edge[1] + y * edge[3]) as i64 });
        let hand = json!([at(from), { "type": "pointerDown", "button": 0 }, at(to), { "type": "pointerUp", "button": 0 }]);
        let mouse = json!({ "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" }, "actions": hand });
        self.actions(json!([mouse])).await;
    }

    /// Waits for an arrow over this picture and gives where it points, in parts of the picture.
    pub async fn arrow(&self, css: &str) -> (f64, f64) {
        let look =
            "const root = document.querySelector('#hubline-chat')?.shadowRoot ?? document, path = root.querySelector('.arrows path');
            if (!path) return null;
            const [, x, y] = path.getAttribute('d').match(/L(\\S+) ([^ML]+)M/).map(Number);
            const sheet = path.ownerSVGElement.getBoundingClientRect(), box = root.querySelector(arguments[0]).getBoundingClientRect();
            return [(sheet.left + x - box.left) / box.width, (sheet.top + y - box.top) / box.height]";
        let start = Instant::now();
        loop {
            if let Some([x, y]) = self.run(look, json!([css])).await.as_array().map(Vec::as_slice) {
                return (x.as_f64().expect("a place"), y.as_f64().expect("a place"));
            }
            assert!(start.elapsed() < PATIENCE, "no arrow over {css}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until all arrows have gone.
    pub async fn no_arrow(&self) {
        let start = Instant::now();
        let look = "return !(document.querySelector('#hubline-chat')?.shadowRoot ?? document).querySelector('.arrows g')";
        while self.run(look, json!([])).await != json!(true) {
            assert!(start.elapsed() < PATIENCE, "the arrow stays");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until the page holds so many cameras and screens.
    pub async fn films(&self, number: u64) {
        let start = Instant::now();
        let live = "return window.filmed.filter(track => track.readyState === 'live').length";
        while self.run(live, json!([])).await != json!(number) {
            assert!(start.elapsed() < PATIENCE, "the page does not film {number}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Points that are neither grey, nor black, nor white.
fn colours(picture: &[i64]) -> usize {
    picture.chunks(3).filter(|rgb| rgb.iter().max().zip(rgb.iter().min()).is_some_and(|(most, least)| most - least > 60)).count()
}

fn differ(one: &[i64], other: &[i64]) -> usize {
    one.iter().zip(other).filter(|(one, other)| (**one - **other).abs() > 40).count()
}
