//! Store and floor → views. Reads only; each file fills one part of the page.

mod amends;
mod bar;
mod centre;
mod forms;
mod lines;
mod list;
mod panel;
mod pop;
mod ring;
mod rules;
mod timeline;

pub use bar::{bar, my_parked};
pub use centre::{Centre, Place, centre, chips};
pub use forms::form_box;
pub use lines::work_link;
pub use list::list;
pub use panel::{offered_line, panel, ticket_line};
pub use ring::{Offer, offered_to, ring, rung_offer};
pub use timeline::{KINDS, amended, newest, only_word, percent, receipt, timeline, wanted, wanted_of, wanted_query};
