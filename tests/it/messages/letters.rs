//! Letters that mean harm, opened in a real browser as an agent opens them.

use super::{on_duty, takes};
use crate::rig::AGENT_HZ;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::phone::talk;
use hubline::sim::mail::{Manners, Sim, Trouble};
use serde_json::json;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const PASSWORD: &str = "correct-horse-9";

/// What they try: `HARM` is a script that would be noticed, `SPY` an address that would be asked.
const TRICKS: [&str; 20] = [
    "<script>HARM</script>",
    "<img src=x onerror=\"HARM\"><svg onload=\"HARM\"></svg><body onload=\"HARM\">",
    "<img src=\"SPY\"><img srcset=\"SPY 1x\"><picture><source srcset=\"SPY\"></picture><input type=image src=\"SPY\">",
    "<link rel=stylesheet href=\"SPY\"><style>@import url(SPY); body { background: url(SPY) } @font-face { font-family: x; src: url(SPY) } p { font-family: x }</style>",
    "<div style=\"background-image: url('SPY'); list-style: url(SPY); behavior: url(SPY)\">x</div><table background=\"SPY\"><tr><td>x</td></tr></table>",
    "<iframe src=\"SPY\"></iframe><iframe srcdoc=\"<script>HARM</script>\"></iframe><object data=\"SPY\"></object><embed src=\"SPY\">",
    "<meta http-equiv=refresh content=\"0; url=SPY\"><base href=\"SPY\"><a href=\"/x\">x</a>",
    "<video src=\"SPY\" autoplay poster=\"SPY\"></video><audio src=\"SPY\" autoplay></audio><track src=\"SPY\">",
    "<form action=\"SPY\"><input name=q value=1 autofocus onfocus=\"HARM\"><button>Win</button></form>",
    "<svg><script>HARM</script><image href=\"SPY\"/><animate onbegin=\"HARM\" attributeName=x dur=1s></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=HARM&gt;\">--></style></mglyph></table></mtext></math>",
    "<noscript><p title=\"</noscript><img src=x onerror=HARM>\"></noscript>",
    "<template><img src=x onerror=\"HARM\"></template><xmp><img src=x onerror=HARM></xmp>",
    "<a href=\"javascript:HARM\" id=lure>click</a><a href=\"data:text/html,<script>HARM</script>\">click</a><a href=\" java&#9;script:HARM\">click</a>",
    "<div style=\"position:fixed;inset:0;z-index:99999;background:red\">Your session is over</div>",
    "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='HARM'><image href='SPY'/></svg>\">",
    "<details open ontoggle=\"HARM\"><summary>x</summary></details><marquee onstart=\"HARM\">x</marquee><dialog open>x</dialog>",
    "<!--[if mso]><img src=\"SPY\"><![endif]--><!--><img src=x onerror=HARM>-->",
    "<textarea><img title=\"</textarea><img src=x onerror=HARM>\"></textarea><select><option><img src=x onerror=HARM></select>",
    "<p id=cookie name=document style=\"content: url(SPY); cursor: url(SPY), auto; filter: url(SPY#x)\">x</p>",
];

/// Somebody who notices whenever they are asked.
fn spy() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/spy", listener.local_addr().expect("an address"));
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    // It ends with the process: nothing else would end its wait.
    std::thread::spawn(move || {
        for _ in listener.incoming() {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    (address, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_a_letter_runs_asks_or_covers() {
    let sim = Sim::open("support@shop.example", PASSWORD, Manners::default(), Trouble::default()).await.expect("a simulator");
    let house = House::open(&format!(
        "[[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n[[channels]]\nkind = \"email\"\nid = \"mail\"\nqueue = \"sales\"\n[channels.email]\n\
         address = \"support@shop.example\"\npassword = \"{PASSWORD}\"\nimap = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\n\
         smtp = {{ host = \"127.0.0.1\", port = {}, security = \"none\" }}\n[[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n",
        sim.imap.port(),
        sim.smtp.port()
    ))
    .await;
    let (address, asked) = spy();
    let harm = format!("fetch('{address}',{{mode:'no-cors'}});document.title='harmed'");
    // All of one correspondence, so that one conversation shows them all.
    for (n, trick) in TRICKS.iter().enumerate() {
        let trick = trick.replace("HARM", &harm.replace('"', "&quot;")).replace("SPY", &address);
        let before = if n == 0 { String::new() } else { "In-Reply-To: <h0@customer.example>\r\n".to_owned() };
        sim.customer_writes(
            format!(
                "From: Anna <anna@customer.example>\r\nTo: support@shop.example\r\nSubject: <img src=x onerror={harm}>\r\nMessage-ID: <h{n}@customer.example>\r\n\
                 {before}MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>Honest words {n:02}</p>{trick}<p>More of them {n:02}</p></body></html>\r\n"
            )
            .as_bytes(),
        );
    }
    let count = TRICKS.len().to_string();
    house.shows("SELECT count(*) FROM message WHERE kind = 'in'", &[count.as_str()]).await;
    let letters = house.rows("SELECT id FROM file WHERE mime LIKE 'text/html%' ORDER BY id");
    assert_eq!(letters.len(), TRICKS.len(), "each is kept as it was designed, too");
    let texts = house.rows("SELECT text FROM message WHERE kind = 'in' ORDER BY id");
    let mara = on_duty(&house, "mara").await;
    takes(&mara, 1).await;
    let Some(page) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    page.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    page.reads("body", "Honest words").await;
    let harmless = async |what: &str| {
        talk(Duration::from_millis(150)).await;
        assert_ne!(page.run("return document.title", json!([])).await, json!("harmed"), "{what}");
        assert_eq!(asked.load(Ordering::SeqCst), 0, "{what} asks somebody");
    };
    harmless("the conversation").await;
    for (n, letter) in letters.iter().enumerate() {
        let (words, more) = (format!("Honest words {n:02}"), format!("More of them {n:02}"));
        assert!(texts[n].contains(&words) && texts[n].contains(&more), "{}", texts[n]);
        page.go(&format!("http://{}/files/{letter}/letter", house.web)).await;
        let what = format!("letter {n}: {}", TRICKS[n]);
        let seen = page.text().await;
        assert!(seen.contains(&words) && seen.contains(&more), "{what}: {seen}");
        harmless(&what).await;
        // A click on whatever can be clicked does no harm either, and nothing lies over the words.
        page.run("document.querySelectorAll('a, button, summary').forEach(el => el.click())", json!([])).await;
        harmless(&what).await;
        let over =
            "const p = document.querySelector('p').getBoundingClientRect(); return document.elementFromPoint(p.x + 2, p.y + 2)?.tagName";
        assert_eq!(page.run(over, json!([])).await, json!("P"), "{what}");
    }
    house.close().await;
}
