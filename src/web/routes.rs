//! The table: every address, grouped by page. What is public is a router of its own, so that it can be given its own listener.

use super::{
    WebState, admin, api, callback, callbacks, canned, chat, crm, error, files, form, forms, help, inbox, invite, knowledge, live, login,
    logout, me, people, recordings, search, sent, ticket,
};
use super::{assets, notices, security, settings, status, supervision, survey, surveys, team, tickets, topics, wallboard, work};
use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post};

/// Pages of agents and administrators. `more` carries the routers of other owners (softphone).
pub fn private(state: WebState, more: Router<WebState>) -> Router {
    let routes = Router::new()
        .merge(api::router())
        .merge(crm::router())
        .route("/", get(async || Redirect::to("/inbox")))
        .merge(shell())
        .merge(desk())
        .merge(more)
        .fallback(error::no_such_page);
    security::around(routes, state)
}

/// What customers reach: `routes` are those of the channels (widget, chat, hooks). Nothing of the desk, not even its files, so that it
/// can stand on a listener of its own or be merged with the private router.
pub fn public(state: WebState, routes: Router<WebState>) -> Router {
    security::around_public(
        routes
            .merge(callback::router())
            .merge(chat::router())
            .merge(form::router())
            .merge(help::router())
            .merge(sent::router())
            .merge(survey::router())
            .merge(ticket::router()),
        state,
    )
}

/// Signing in, settings, administration.
fn shell() -> Router<WebState> {
    Router::new()
        .route("/static/{*path}", get(assets::show))
        .route("/status", get(status::show))
        .route("/live", get(live::connect))
        .route("/login", get(login::show).post(login::enter))
        .route("/login/language", post(login::language))
        .route("/logout", post(logout::leave))
        .route("/invite/{token}", get(invite::show).post(invite::accept))
        .route("/settings", get(settings::show).post(settings::save))
        .route("/settings/theme", post(settings::theme))
        .route("/settings/keys", get(settings::keys).post(settings::choose_keys))
        .route("/settings/enter", post(settings::enter))
        .route("/settings/password", post(settings::password))
        .route("/settings/sessions/end-others", post(settings::end_others))
        .route("/settings/sessions/{id}/end", post(settings::end))
        .route("/canned", get(canned::list).post(canned::create))
        .route("/canned/{id}", post(canned::update))
        .route("/canned/{id}/delete", post(canned::delete))
        .route("/admin/config", get(admin::config::show).post(admin::config::apply))
        .route("/admin/config/check", post(admin::config::check))
        .route("/admin/trunks", get(admin::trunks::list))
        .route("/admin/trunks/call", post(admin::trunks::call))
        .route("/admin/channels", get(admin::channels::list))
        .route("/admin/channels/{channel}/try", post(admin::channels::try_it))
        .route("/admin/webhooks", get(admin::webhooks::list))
        .route("/admin/webhooks/{id}", get(admin::webhooks::show))
        .route("/admin/webhooks/{id}/try", post(admin::webhooks::try_it))
        .route("/admin/webhooks/{id}/start", post(admin::webhooks::start))
        .route("/admin/webhooks/{id}/again", post(admin::webhooks::all_again))
        .route("/admin/webhooks/{id}/deliveries/{delivery}/again", post(admin::webhooks::again))
        .route("/admin/flows", get(admin::flows::list))
        .route("/admin/flows/{flow}", get(admin::flows::show))
        .route("/admin/flows/{flow}/picture.svg", get(admin::flows::picture))
        .route("/admin/sessions", get(admin::sessions::list))
        .route("/admin/sessions/{id}/end", post(admin::sessions::end))
        .route("/admin/phones", get(admin::phones::list))
        .route("/admin/phones/allow", post(admin::phones::allow))
        .route("/admin/people/{agent}/invite", post(admin::sessions::invite))
        .route("/ca", get(admin::ca::show))
        .route("/ca.crt", get(admin::ca::download))
}

/// The desk. Each folder gives its own routes.
fn desk() -> Router<WebState> {
    Router::new()
        .merge(inbox::router())
        .merge(work::router())
        .merge(me::router())
        .merge(people::router())
        .merge(tickets::router())
        .merge(callbacks::router())
        .merge(forms::router())
        .merge(search::router())
        .merge(knowledge::router())
        .merge(recordings::router())
        .merge(files::router())
        .merge(notices::router())
        .merge(team::router())
        .merge(super::conversations::router())
        .merge(super::macros::router())
        .merge(super::scripts::router())
        .merge(wallboard::router())
        .merge(supervision::router())
        .merge(topics::router())
        .merge(surveys::router())
}
