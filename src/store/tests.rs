//! The store against a real file in a temporary folder.

mod backup;
mod cases;
mod commit;
mod disk;
mod facts;
mod figures;
mod forms;
mod kill;
mod knowledge;
mod open;
mod people;
mod rig;
mod search;
mod statements;
mod surveys;
mod timeline;
mod users;
mod visits;
