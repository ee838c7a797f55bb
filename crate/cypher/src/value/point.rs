//! Points: two or three coordinates, in a plane or on the globe.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::order::order_floats;
use super::{Map, Value};
use crate::error::{CypherError, Detail, Kind};

/// Radius of the globe in metres that distances are computed with.
const EARTH_RADIUS: f64 = 6_378_140.0;

/// A coordinate reference system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Crs {
    // In the order of their numbers, which indexes have them in.
    /// The globe, by longitude and latitude in degrees.
    Wgs84,
    /// The globe, and a height in metres.
    Wgs84Height,
    /// A plane.
    Cartesian,
    /// Space.
    Cartesian3D,
}

impl Crs {
    const ALL: [Self; 4] = [Self::Cartesian, Self::Cartesian3D, Self::Wgs84, Self::Wgs84Height];

    /// Its name in the language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cartesian => "cartesian",
            Self::Cartesian3D => "cartesian-3d",
            Self::Wgs84 => "wgs-84",
            Self::Wgs84Height => "wgs-84-3d",
        }
    }

    /// Its number in the registry of the EPSG and of Neo4j.
    pub fn srid(self) -> i64 {
        match self {
            Self::Cartesian => 7203,
            Self::Cartesian3D => 9157,
            Self::Wgs84 => 4326,
            Self::Wgs84Height => 4979,
        }
    }

    fn has_height(self) -> bool {
        matches!(self, Self::Cartesian3D | Self::Wgs84Height)
    }

    fn is_globe(self) -> bool {
        matches!(self, Self::Wgs84 | Self::Wgs84Height)
    }
}

/// A place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    crs: Crs,
    x: f64,
    y: f64,
    /// Zero in two dimensions.
    z: f64,
}

impl Point {
    /// A point; `z` where the system has a third dimension.
    pub fn new(crs: Crs, x: f64, y: f64, z: Option<f64>) -> Result<Self, CypherError> {
        if crs.has_height() != z.is_some() {
            return Err(invalid(format!("a point in {} takes {} coordinates", crs.name(), 2 + u8::from(z.is_none()))));
        }
        let z = z.unwrap_or(0.0);
        if ![x, y, z].iter().all(|coordinate| coordinate.is_finite()) {
            return Err(invalid("the coordinates of a point are finite numbers".to_owned()));
        }
        if !crs.is_globe() {
            return Ok(Self { crs, x, y, z });
        }
        if !(-90.0..=90.0).contains(&y) {
            return Err(invalid(format!("the latitude {y} does not lie between -90 and 90")));
        }
        // A longitude goes round: 181 is -179.
        let x = if (-180.0..=180.0).contains(&x) { x } else { (x + 180.0).rem_euclid(360.0) - 180.0 };
        Ok(Self { crs, x, y, z })
    }

    /// The point that `point({...})` makes; null where a coordinate is.
    pub fn from_map(map: &Map) -> Result<Option<Self>, CypherError> {
        if map.entries().iter().any(|(_, value)| value.is_null()) {
            return Ok(None);
        }
        for (key, _) in map.entries() {
            if !["x", "y", "z", "longitude", "latitude", "height", "crs", "srid"].contains(&&**key) {
                return Err(invalid(format!("a point has no component {key}")));
            }
        }
        let plane = (coordinate(map, "x")?, coordinate(map, "y")?, coordinate(map, "z")?);
        let globe = (coordinate(map, "longitude")?, coordinate(map, "latitude")?, coordinate(map, "height")?);
        let asked = asked_crs(map)?;
        let (on_globe, x, y, z) = match (plane, globe) {
            ((Some(x), Some(y), z), (None, None, height)) => (false, x, y, z.or(height)),
            ((None, None, z), (Some(x), Some(y), height)) => (true, x, y, height.or(z)),
            _ => return Err(invalid("a point takes x and y, or longitude and latitude".to_owned())),
        };
        let crs = asked.unwrap_or(match (on_globe, z.is_some()) {
            (false, false) => Crs::Cartesian,
            (false, true) => Crs::Cartesian3D,
            (true, false) => Crs::Wgs84,
            (true, true) => Crs::Wgs84Height,
        });
        if on_globe && !crs.is_globe() {
            return Err(invalid(format!("longitude and latitude are no coordinates in {}", crs.name())));
        }
        Self::new(crs, x, y, z).map(Some)
    }

    /// Its coordinate reference system.
    pub fn crs(&self) -> Crs {
        self.crs
    }

    /// Its coordinates; the third is `None` in two dimensions.
    pub fn coordinates(&self) -> (f64, f64, Option<f64>) {
        (self.x, self.y, self.crs.has_height().then_some(self.z))
    }

    /// A component by name; `None` where it has none of that name.
    pub fn component(&self, name: &str) -> Option<Value> {
        let globe = self.crs.is_globe();
        Some(match name {
            "x" => Value::Float(self.x),
            "y" => Value::Float(self.y),
            "z" if self.crs.has_height() => Value::Float(self.z),
            "longitude" if globe => Value::Float(self.x),
            "latitude" if globe => Value::Float(self.y),
            "height" if globe && self.crs.has_height() => Value::Float(self.z),
            "crs" => self.crs.name().into(),
            "srid" => Value::Integer(self.crs.srid()),
            _ => return None,
        })
    }

    /// Distance in the unit of a plane, or in metres over the globe by the haversine formula; `None` between systems.
    pub fn distance(&self, other: &Self) -> Option<f64> {
        if self.crs != other.crs {
            return None;
        }
        let rise = self.z - other.z;
        if !self.crs.is_globe() {
            return Some((self.x - other.x).hypot(self.y - other.y).hypot(rise));
        }
        let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
        let scale = self.y.to_radians().cos() * other.y.to_radians().cos();
        let chord = half(other.y - self.y) + scale * half(other.x - self.x);
        // Rounding may take it above 1 for opposite points.
        let angle = 2.0 * chord.min(1.0).sqrt().asin();
        let height = f64::midpoint(self.z, other.z);
        Some((angle * (EARTH_RADIUS + height)).hypot(rise))
    }

    /// Whether it lies in the box between two corners; a box on the globe may cross the 180th meridian. `None` between
    /// systems.
    pub fn within(&self, lower: &Self, upper: &Self) -> Option<bool> {
        if self.crs != lower.crs || self.crs != upper.crs {
            return None;
        }
        let x = if self.crs.is_globe() && lower.x > upper.x {
            self.x >= lower.x || self.x <= upper.x
        } else {
            (lower.x..=upper.x).contains(&self.x)
        };
        Some(x && (lower.y..=upper.y).contains(&self.y) && (lower.z..=upper.z).contains(&self.z))
    }

    /// By system, then by each coordinate.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        self.crs
            .cmp(&other.crs)
            .then(order_floats(self.x, other.x))
            .then(order_floats(self.y, other.y))
            .then(order_floats(self.z, other.z))
    }

    pub(super) fn hash_with<H: Hasher>(&self, state: &mut H, float: fn(f64, &mut H)) {
        self.crs.hash(state);
        [self.x, self.y, self.z].into_iter().for_each(|coordinate| float(coordinate, state));
    }
}

/// `point({x: 1.0, y: 2.0, crs: 'cartesian'})`, which makes the same point.
impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "point({{x: {:?}, y: {:?}", self.x, self.y)?;
        if self.crs.has_height() {
            write!(f, ", z: {:?}", self.z)?;
        }
        write!(f, ", crs: '{}'}})", self.crs.name())
    }
}

fn coordinate(map: &Map, key: &str) -> Result<Option<f64>, CypherError> {
    match map.get(key) {
        None => Ok(None),
        Some(Value::Integer(integer)) => Ok(Some(*integer as f64)),
        Some(Value::Float(float)) => Ok(Some(*float)),
        Some(other) => Err(CypherError::runtime(
            Kind::TypeError,
            Detail::InvalidArgumentType,
            format!("the coordinate {key} is a {}, not a number", other.type_name()),
        )),
    }
}

/// The system that a map names by `crs` or `srid`.
fn asked_crs(map: &Map) -> Result<Option<Crs>, CypherError> {
    let found = match (map.get("crs"), map.get("srid")) {
        (None, None) => return Ok(None),
        (Some(Value::String(name)), None) => Crs::ALL.into_iter().find(|crs| crs.name().eq_ignore_ascii_case(name)),
        (None, Some(Value::Integer(srid))) => Crs::ALL.into_iter().find(|crs| crs.srid() == *srid),
        _ => None,
    };
    found.map(Some).ok_or_else(|| {
        let names = Crs::ALL.map(Crs::name).join(", ");
        invalid(format!("crs is one of {names}, or srid one of 7203, 9157, 4326, 4979"))
    })
}

fn invalid(message: String) -> CypherError {
    CypherError::runtime(Kind::ArgumentError, Detail::InvalidArgumentValue, message)
}
