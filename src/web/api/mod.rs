//! What programs of the firm's ask, `/api/v1/…`: JSON in and out, a bearer token, problems as RFC 9457 has them (docs/api.md). The description of
//! it all, `/api/v1/openapi.json`, is made from the handlers themselves.

mod calls;
pub mod config;
mod conversations;
mod events;
mod facts;
mod keyed;
mod listed;
mod messages;
mod people;
mod problem;
mod surveys;
mod tickets;
mod token;

pub use token::Callers;

use crate::web::WebState;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get};
use axum::{Json, Router};
use http::StatusCode;
use problem::Problem;
use std::sync::Arc;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Info, OpenApi, OpenApiBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Largest request, bytes.
const LARGEST: usize = 64 << 10;
const AUTHORITY: &str = "bearer";

pub fn router() -> Router<WebState> {
    let described = OpenApiRouter::with_openapi(about())
        .routes(routes!(messages::send))
        .routes(routes!(messages::show))
        .routes(routes!(people::list))
        .routes(routes!(people::show))
        .routes(routes!(conversations::list))
        .routes(routes!(conversations::show))
        .routes(routes!(conversations::messages))
        .routes(routes!(calls::list))
        .routes(routes!(calls::show))
        .routes(routes!(tickets::list))
        .routes(routes!(tickets::open))
        .routes(routes!(tickets::show))
        .routes(routes!(surveys::list))
        .routes(routes!(surveys::show))
        .routes(routes!(events::list))
        .routes(routes!(facts::tell));
    let (router, description) = OpenApiRouter::new().nest("/api/v1", described).split_for_parts();
    let description = Arc::new(description);
    router
        .route("/api/v1/openapi.json", get(async move || Json(description.as_ref().clone())))
        .method_not_allowed_fallback(wrong_method)
        .route("/api/{*path}", any(nothing_here))
        .layer(DefaultBodyLimit::max(LARGEST))
}

fn about() -> OpenApi {
    let mut description = OpenApiBuilder::new()
        .info(Info::builder().title("Hubline").version(env!("CARGO_PKG_VERSION")).description(Some("docs/api.md says it in words.")))
        .security(Some([SecurityRequirement::new::<_, [&str; 0], &str>(AUTHORITY, [])]))
        .build();
    let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    description.components.get_or_insert_default().add_security_scheme(AUTHORITY, scheme);
    description
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This address does not take that method.")
}

async fn nothing_here() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this address.")
}
