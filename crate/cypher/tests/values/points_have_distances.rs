//! Points are made of maps, have components and lie so far apart.

use sledstore_cypher::value::Value::{self, Float, Integer, Null};
use sledstore_cypher::value::compare::{equals, less};
use sledstore_cypher::value::component;
use sledstore_cypher::{Detail, Kind};

use crate::common::{call, map, refused, shown};

fn point<const N: usize>(entries: [(&str, Value); N]) -> Value {
    call("point", &[map(entries)]).unwrap()
}

fn degrees(longitude: f64, latitude: f64) -> Value {
    point([("longitude", Float(longitude)), ("latitude", Float(latitude))])
}

#[test]
fn each_system_by_its_components() {
    let shown = |entries: &[(&str, f64)]| {
        let map = sledstore_cypher::value::Map::new(entries.iter().map(|(key, value)| (*key, Float(*value)))).unwrap();
        shown("point", &[Value::Map(map)])
    };
    assert_eq!(shown(&[("x", 1.0), ("y", 2.0)]), "point({x: 1.0, y: 2.0, crs: 'cartesian'})");
    assert_eq!(shown(&[("x", 1.0), ("y", 2.0), ("z", 3.0)]), "point({x: 1.0, y: 2.0, z: 3.0, crs: 'cartesian-3d'})");
    assert_eq!(shown(&[("longitude", 12.5), ("latitude", 2.0)]), "point({x: 12.5, y: 2.0, crs: 'wgs-84'})");
    let high = [("longitude", 181.0), ("latitude", 2.0), ("height", 3.0)];
    assert_eq!(shown(&high), "point({x: -179.0, y: 2.0, z: 3.0, crs: 'wgs-84-3d'})");
}

#[test]
fn systems_by_name_and_number() {
    let named = point([("x", Integer(1)), ("y", Integer(2)), ("crs", "WGS-84".into())]);
    let numbered = point([("x", Integer(1)), ("y", Integer(2)), ("srid", Integer(4326))]);
    assert_eq!(equals(&named, &numbered), Some(true));
    assert_eq!(component(&named, "longitude").unwrap().unwrap().to_string(), "1.0");
    assert_eq!(component(&named, "srid").unwrap().unwrap().to_string(), "4326");
    assert!(component(&named, "z").unwrap().is_none());
    assert_eq!(less(&named, &numbered), None);
}

#[test]
fn distances() {
    let plane = |x: f64, y: f64| point([("x", Float(x)), ("y", Float(y))]);
    assert_eq!(shown("point.distance", &[plane(0.0, 0.0), plane(3.0, 4.0)]), "5.0");
    assert_eq!(shown("distance", &[plane(0.0, 0.0), degrees(3.0, 4.0)]), "null");
    let Float(quarter) = call("distance", &[degrees(0.0, 0.0), degrees(90.0, 0.0)]).unwrap() else { panic!() };
    assert!((quarter - 6_378_140.0 * std::f64::consts::FRAC_PI_2).abs() < 1e-6, "{quarter}");
    let Float(half) = call("distance", &[degrees(0.0, 90.0), degrees(0.0, -90.0)]).unwrap() else { panic!() };
    assert!((half - 6_378_140.0 * std::f64::consts::PI).abs() < 1e-6, "{half}");
}

#[test]
fn boxes_may_cross_the_last_meridian() {
    let within =
        |longitude| shown("point.withinBBox", &[degrees(longitude, 0.0), degrees(170.0, -10.0), degrees(-170.0, 10.0)]);
    assert_eq!([within(175.0), within(-175.0), within(0.0)], ["true", "true", "false"]);
}

#[test]
fn what_is_no_point() {
    let invalid = (Kind::ArgumentError, Detail::InvalidArgumentValue);
    assert_eq!(refused("point", &[map([("x", Integer(1))])]), invalid);
    assert_eq!(refused("point", &[map([("longitude", Integer(1)), ("latitude", Integer(91))])]), invalid);
    assert_eq!(refused("point", &[map([("x", Integer(1)), ("y", Integer(1)), ("crs", "mars".into())])]), invalid);
    assert_eq!(refused("point", &[map([("x", Integer(1)), ("y", Integer(1)), ("w", Integer(1))])]), invalid);
    assert_eq!(refused("point", &[map([("x", Float(f64::NAN)), ("y", Integer(1))])]), invalid);
    let text = map([("x", "1".into()), ("y", Integer(1))]);
    assert_eq!(refused("point", &[text]), (Kind::TypeError, Detail::InvalidArgumentType));
    assert_eq!(shown("point", &[map([("x", Integer(1)), ("y", Null)])]), "null");
}
