//! Numbers that cost more than a call: premium-rate services, satellites, shared-cost numbers, and places that share another country's
//! code. Collected from the national numbering plans and ITU-T E.164 assignments; where a plan is unclear the number counts as dear,
//! because one night of toll fraud costs more than one refused call.

use super::number::{Number, Numbering};

/// Beginnings of E.164 numbers, digits.
const PREMIUM: &[&str] = &[
    // Worldwide: premium rate, shared cost, satellites, networks without a country.
    "979", "808", "870", "878", "881", "882", "883", "888", "991", // North America.
    "1900", "1976", "1500", "1700", // China: voice services; 160, 168 and others are also dialled as short numbers, below.
    "86160", "86168", // Germany.
    "49900", "49137", "49138", "49118", "4912", "49180", "49181", "49190", // Austria, Switzerland, Liechtenstein.
    "43900", "43901", "43930", "43931", "43939", "43810", "43820", "43821", "41900", "41901", "41906", "4184", "423900", "423901",
    "423906", // United Kingdom: 09, 084, 087, 070, directory enquiries.
    "449", "44843", "44844", "44845", "44870", "44871", "44872", "44873", "4470", "44118", // France, Italy, Spain, Portugal.
    "3389", "33118", "39144", "39166", "39178", "39199", "39840", "39841", "39848", "39892", "39893", "39894", "39895", "39899", "34803",
    "34806", "34807", "34901", "34902", "34905", "34907", "34118", "351601", "351607", "351646", "351760", "351761", "351762",
    // Netherlands, Belgium, Luxembourg.
    "31900", "31906", "31909", "3290", "3270", "352900", "352901", "352905", // The north.
    "4590", "46900", "46939", "46944", "47820", "47829", "358600", "358700", // The east.
    "4870", "48300", "48400", "42090", "421900", "3690", "3691", "40900", "40903", "40906", "30901", "30909", "90900", "90888", "90898",
    "380900", "7803", "7809", // Asia and the Pacific.
    "852900", "886204", "886209", "81990", "8260", "65190", "60600", "66190", "84190", "62809", "91190", "61190", "64900",
    // Latin America, Africa, the Gulf.
    "55900", "55300", "52900", "54600", "54609", "2786", "2790", "971900", "966700", "9721900", "9721919", "20900",
];

/// Beginnings of short numbers by country code.
const PREMIUM_SHORT: &[(&str, &str)] = &[
    ("49", "118"),
    ("43", "118"),
    ("41", "18"),
    ("44", "118"),
    ("33", "118"),
    ("33", "32"),
    ("39", "12"),
    ("39", "4"),
    ("34", "118"),
    ("34", "25"),
    ("34", "27"),
    ("34", "35"),
    ("34", "79"),
    ("34", "99"),
    ("353", "118"),
    ("86", "16"),
    ("1", "411"),
    ("31", "18"),
    ("45", "118"),
    ("46", "118"),
    ("358", "118"),
    ("48", "7"),
    ("48", "9"),
];

/// Places that share the code of a larger country and are charged as abroad. An allowed beginning covers them only when it names them.
const APART: &[&str] = &[
    // Of +1: the Caribbean, Bermuda and the Pacific.
    "1242", "1246", "1264", "1268", "1284", "1340", "1345", "1441", "1473", "1649", "1658", "1664", "1670", "1671", "1684", "1721", "1758",
    "1767", "1784", "1787", "1809", "1829", "1849", "1868", "1869", "1876", "1939",
    // Of +44: Jersey, Guernsey, the Isle of Man, and their mobiles.
    "441481", "441534", "441624", "447509", "447624", "447781", "447797", "447829", "447839", "447924", "447937",
    // Of +7: Kazakhstan and Abkhazia; of +39, +61, +212: parts far away.
    "76", "77", "7840", "7940", "3906698", "6189162", "6189164", "2125288",
];

/// Whether a number costs more than a call to its country does.
pub fn is_premium(number: &Number, numbering: &Numbering) -> bool {
    match number {
        Number::Emergency(_) => false,
        Number::Full(value) => {
            let digits = &value[1..];
            PREMIUM.iter().any(|start| digits.starts_with(start))
        }
        Number::Short(digits) => {
            let code = numbering.country_code.as_str();
            PREMIUM_SHORT.iter().any(|(country, start)| *country == code && digits.starts_with(start))
        }
    }
}

/// The place within another country's code that an E.164 number (digits) belongs to; the longest beginning counts.
pub fn apart(digits: &str) -> Option<&'static str> {
    APART.iter().copied().filter(|start| digits.starts_with(start)).max_by_key(|start| start.len())
}
