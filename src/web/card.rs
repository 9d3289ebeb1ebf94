//! A card as pages and programs write it: JSON, places in degrees.

use crate::desk::card::{Card, millionths};
use serde::Deserialize;
use utoipa::ToSchema;

/// A question with choices to tap, a link, or a place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = Card)]
pub(in crate::web) enum WrittenCard {
    /// Numbered lines where the platform has no buttons: the customer answers with a number.
    Choices {
        question: String,
        #[schema(min_items = 2, max_items = 20)]
        choices: Vec<String>,
    },
    Link {
        title: String,
        #[serde(default)]
        about: String,
        url: String,
        /// Address of a picture, for platforms that show one.
        #[serde(default)]
        picture: String,
    },
    /// In degrees.
    Place {
        name: String,
        #[serde(default)]
        address: String,
        latitude: f64,
        longitude: f64,
    },
}

impl WrittenCard {
    pub fn card(self) -> Card {
        match self {
            WrittenCard::Choices { question, choices } => Card::Choices { question, choices },
            WrittenCard::Link { title, about, url, picture } => Card::Link { title, about, url, picture },
            WrittenCard::Place { name, address, latitude, longitude } => {
                Card::Place { name, address, latitude: millionths(latitude), longitude: millionths(longitude) }
            }
        }
    }
}
