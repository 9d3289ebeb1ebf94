//! Where everything stands in the picture of a flow: layers from the start downwards, in each layer an order with few crossings, ways over
//! several layers led between the boxes, ways back up along the right side. Sizes are pixels.

/// Space between boxes of a layer, and between layers.
const ACROSS: f64 = 28.0;
const DOWN: f64 = 78.0;
/// What a way between two boxes takes.
const LANE: f64 = 14.0;
/// Passes that put the order of the layers right.
const PASSES: usize = 6;

/// A box, or the place where a way passes a layer.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub width: f64,
    pub height: f64,
    pub layer: usize,
    /// The middle of its upper edge.
    pub x: f64,
    pub y: f64,
}

/// A way from one box to another.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub from: usize,
    pub to: usize,
    /// Leads back up.
    pub back: bool,
    /// Passes these spots on its way down.
    pub through: Vec<usize>,
}

/// The whole.
#[derive(Debug)]
pub(super) struct Layout {
    /// The boxes as they were given, then the passing places.
    pub spots: Vec<Spot>,
    pub lines: Vec<Line>,
    pub width: f64,
    pub height: f64,
}

/// Lays out boxes of these sizes (the first is the start) and the ways between them.
pub(super) fn layout(sizes: &[(f64, f64)], ways: &[(usize, usize)]) -> Layout {
    let back = backward(sizes.len(), ways);
    let layers = layers(sizes.len(), ways, &back);
    let mut spots: Vec<Spot> = sizes
        .iter()
        .zip(&layers)
        .map(|((width, height), layer)| Spot { width: *width, height: *height, layer: *layer, x: 0.0, y: 0.0 })
        .collect();
    let mut lines = Vec::new();
    for (&(from, to), &back) in ways.iter().zip(&back) {
        let mut through = Vec::new();
        if !back {
            for layer in layers[from] + 1..layers[to] {
                through.push(spots.len());
                spots.push(Spot { width: LANE, height: 0.0, layer, x: 0.0, y: 0.0 });
            }
        }
        lines.push(Line { from, to, back, through });
    }
    let mut rows = rows(&spots);
    let links = links(&spots, &lines);
    order(&mut rows, &links);
    // Ways back turn below their box; the last row has nothing below it that would make room.
    let backward = lines.iter().filter(|line| line.back).count();
    let height = stack(&mut spots, &rows) + if backward > 0 { 24.0 + 5.0 * backward as f64 } else { 0.0 };
    place(&mut spots, &rows, &links);
    let width = settle(&mut spots) + backward as f64 * LANE;
    Layout { spots, lines, width, height }
}

/// Which ways close a round, found by walking from the start.
fn backward(count: usize, ways: &[(usize, usize)]) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        OnPath,
        Done,
    }
    let mut back = vec![false; ways.len()];
    let mut seen = vec![Seen::No; count];
    for root in 0..count {
        if seen[root] != Seen::No {
            continue;
        }
        seen[root] = Seen::OnPath;
        // Each with the next of its ways to be walked.
        let mut path = vec![(root, 0)];
        while let Some((at, next)) = path.last_mut() {
            let Some(way) = (*next..ways.len()).find(|way| ways[*way].0 == *at) else {
                seen[*at] = Seen::Done;
                path.pop();
                continue;
            };
            *next = way + 1;
            let to = ways[way].1;
            match seen[to] {
                Seen::No => {
                    seen[to] = Seen::OnPath;
                    path.push((to, 0));
                }
                Seen::OnPath => back[way] = true,
                Seen::Done => {}
            }
        }
    }
    back
}

/// The longest way from the start, in steps.
fn layers(count: usize, ways: &[(usize, usize)], back: &[bool]) -> Vec<usize> {
    let mut layers = vec![0; count];
    // Without the ways back there is no round, so after as many passes as boxes nothing moves any more.
    for _ in 0..count {
        for (&(from, to), _) in ways.iter().zip(back).filter(|(_, back)| !**back) {
            layers[to] = layers[to].max(layers[from] + 1);
        }
    }
    layers
}

fn rows(spots: &[Spot]) -> Vec<Vec<usize>> {
    let mut rows = vec![Vec::new(); spots.iter().map(|spot| spot.layer + 1).max().unwrap_or(0)];
    for (index, spot) in spots.iter().enumerate() {
        rows[spot.layer].push(index);
    }
    rows
}

/// For each spot those above and those below it.
struct Links {
    above: Vec<Vec<usize>>,
    below: Vec<Vec<usize>>,
}

fn links(spots: &[Spot], lines: &[Line]) -> Links {
    let mut links = Links { above: vec![Vec::new(); spots.len()], below: vec![Vec::new(); spots.len()] };
    for line in lines.iter().filter(|line| !line.back) {
        let stops: Vec<usize> = std::iter::once(line.from).chain(line.through.iter().copied()).chain([line.to]).collect();
        for pair in stops.windows(2) {
            links.below[pair[0]].push(pair[1]);
            links.above[pair[1]].push(pair[0]);
        }
    }
    links
}

/// Each layer is sorted by the middle of what it hangs on, downwards and upwards in turn.
fn order(rows: &mut [Vec<usize>], links: &Links) {
    let mut at = vec![0.0; links.above.len()];
    for pass in 0..PASSES {
        let down = pass % 2 == 0;
        for row in rows.iter() {
            row.iter().enumerate().for_each(|(n, spot)| at[*spot] = n as f64);
        }
        let count = rows.len();
        for step in 1..count {
            let row = &mut rows[if down { step } else { count - 1 - step }];
            let near = if down { &links.above } else { &links.below };
            let middle = |spot: usize| mean(near[spot].iter().map(|other| at[*other])).unwrap_or(at[spot]);
            let mut sorted: Vec<(f64, usize)> = row.iter().map(|spot| (middle(*spot), *spot)).collect();
            sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
            *row = sorted.into_iter().map(|(_, spot)| spot).collect();
            row.iter().enumerate().for_each(|(n, spot)| at[*spot] = n as f64);
        }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    values.for_each(|value| (sum, count) = (sum + value, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

/// Layers below each other; gives the height of all.
fn stack(spots: &mut [Spot], rows: &[Vec<usize>]) -> f64 {
    let mut y = 8.0;
    for row in rows {
        let tallest = row.iter().map(|spot| spots[*spot].height).fold(0.0, f64::max);
        row.iter().for_each(|spot| spots[*spot].y = y);
        y += tallest + DOWN;
    }
    (y - DOWN + 8.0).max(16.0)
}

/// Boxes beside each other, as near to what they hang on as their neighbours let them.
fn place(spots: &mut [Spot], rows: &[Vec<usize>], links: &Links) {
    for row in rows {
        let mut x = 0.0;
        for &spot in row {
            spots[spot].x = x + spots[spot].width / 2.0;
            x += spots[spot].width + ACROSS;
        }
    }
    for pass in 0..PASSES {
        let down = pass % 2 == 0;
        for step in 0..rows.len() {
            let row = &rows[if down { step } else { rows.len() - 1 - step }];
            let near = if down { &links.above } else { &links.below };
            let wanted: Vec<f64> =
                row.iter().map(|spot| mean(near[*spot].iter().map(|other| spots[*other].x)).unwrap_or(spots[*spot].x)).collect();
            let mut edge = f64::NEG_INFINITY;
            for (&spot, &wanted) in row.iter().zip(&wanted) {
                let half = spots[spot].width / 2.0;
                spots[spot].x = wanted.max(edge + half);
                edge = spots[spot].x + half + ACROSS;
            }
            // What was pushed to the right is led back as a whole.
            let off = mean(row.iter().zip(&wanted).map(|(spot, wanted)| spots[*spot].x - wanted)).unwrap_or(0.0);
            row.iter().for_each(|spot| spots[*spot].x -= off);
        }
    }
}

/// Moves everything to the left edge; gives the width.
fn settle(spots: &mut [Spot]) -> f64 {
    let left = spots.iter().map(|spot| spot.x - spot.width / 2.0).fold(f64::INFINITY, f64::min);
    let right = spots.iter().map(|spot| spot.x + spot.width / 2.0).fold(f64::NEG_INFINITY, f64::max);
    if !left.is_finite() || !right.is_finite() {
        return 16.0;
    }
    spots.iter_mut().for_each(|spot| spot.x += 12.0 - left);
    right - left + 24.0
}
