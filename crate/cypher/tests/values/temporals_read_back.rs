//! The text of a date, time or duration reads as the same value, and calendars agree with those of `jiff`.

use proptest::prelude::*;
use sledstore_cypher::value::duration;
use sledstore_cypher::value::temporal::Offset;
use sledstore_cypher::value::temporal::{
    Date, Zone, parse_date, parse_datetime, parse_local_datetime, parse_local_time, parse_time,
};
use sledstore_cypher::{Detail, Kind};

use crate::common::{call, map, refused, shown};
use crate::relations_agree::{date, datetime, duration as any_duration, local_datetime, local_time, time};

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_reads_as_its_value(
        date in date(), local_time in local_time(), time in time(), local in local_datetime(), datetime in datetime(),
        duration in any_duration(),
    ) {
        prop_assert_eq!(parse_date(&date.to_string()).unwrap(), date);
        prop_assert_eq!(parse_local_time(&local_time.to_string()).unwrap(), local_time);
        prop_assert_eq!(parse_time(&time.to_string(), Offset::UTC).unwrap(), time);
        prop_assert_eq!(parse_local_datetime(&local.to_string()).unwrap(), local);
        prop_assert_eq!(parse_datetime(&datetime.to_string(), &Zone::from(Offset::UTC)).unwrap(), datetime);
        prop_assert_eq!(duration::parse(&duration.to_string()).unwrap(), duration);
    }

    #[test]
    fn no_text_panics(text in "[-+PTWQZYMDHS0-9:.,\\[\\]a-z/\u{e9}]{0,24}") {
        for name in ["date", "localtime", "time", "localdatetime", "datetime", "duration"] {
            if let Ok(value) = call(name, &[text.as_str().into()]) {
                prop_assert!(!value.to_string().is_empty());
            }
        }
    }

    #[test]
    fn calendars_agree(day in -4_000_000..2_900_000_i64) {
        let ours = Date::from_day(day).unwrap();
        let epoch = jiff::civil::date(1970, 1, 1);
        let theirs = epoch.checked_add(jiff::ToSpan::days(day)).unwrap();
        let (year, month, date) = ours.civil();
        prop_assert_eq!((year, month, date), (theirs.year().into(), theirs.month().into(), theirs.day().into()));
        prop_assert_eq!(ours.weekday(), i64::from(theirs.weekday().to_monday_one_offset()));
        prop_assert_eq!(ours.day_of_year(), i64::from(theirs.day_of_year()));
        let week = theirs.iso_week_date();
        prop_assert_eq!((ours.week_year(), ours.week()), (week.year().into(), week.week().into()));
    }

    #[test]
    fn what_is_added_is_what_lies_between(from in local_datetime(), seconds in -4_000_000_000..4_000_000_000_i64) {
        let length = duration::Duration::new(0, 0, seconds, 0).unwrap();
        if let Ok(to) = from.plus(&length) {
            let between = call("duration.inSeconds", &[
                sledstore_cypher::value::Value::LocalDateTime(from), sledstore_cypher::value::Value::LocalDateTime(to),
            ]);
            prop_assert_eq!(between.unwrap().to_string(), format!("'{length}'"));
        }
    }
}

#[test]
fn months_end_where_they_must() {
    let plus = |date: &str, duration: &str| {
        let (date, duration) = (call("date", &[date.into()]).unwrap(), call("duration", &[duration.into()]).unwrap());
        sledstore_cypher::value::arithmetic::add(&date, &duration).unwrap().to_string()
    };
    assert_eq!(plus("2015-01-31", "P1M"), "'2015-02-28'");
    assert_eq!(plus("2016-01-31", "P1M"), "'2016-02-29'");
    assert_eq!(plus("2016-02-29", "P1Y"), "'2017-02-28'");
    assert_eq!(plus("2016-03-31", "P-1M1D"), "'2016-03-01'");
}

#[test]
fn forms_of_dates() {
    let forms = [
        ("2015-07-21", "2015-07-21"),
        ("20150721", "2015-07-21"),
        ("2015-07", "2015-07-01"),
        ("201507", "2015-07-01"),
        ("2015-W30-2", "2015-07-21"),
        ("2015W302", "2015-07-21"),
        ("2015-W30", "2015-07-20"),
        ("2015W30", "2015-07-20"),
        ("2015-Q2-60", "2015-05-30"),
        ("2015Q260", "2015-05-30"),
        ("2015-202", "2015-07-21"),
        ("2015202", "2015-07-21"),
        ("2015", "2015-01-01"),
        ("-0001-02-03", "-0001-02-03"),
        ("+12345-12-31", "+12345-12-31"),
    ];
    for (text, expected) in forms {
        assert_eq!(shown("date", &[text.into()]), format!("'{expected}'"), "{text}");
    }
    for text in
        ["", "15", "2015-", "2015-7-1", "2015-02-29", "2015-W54", "12345-01-01", "+2015", "2015-07-21T", "+1000000000"]
    {
        let accepted = text == "+2015";
        assert_eq!(call("date", &[text.into()]).is_ok(), accepted, "{text}");
    }
}

#[test]
fn clocks_show_what_the_query_began_with() {
    assert_eq!(shown("date", &[]), "'2024-02-29'");
    assert_eq!(shown("date.transaction", &[]), "'2024-02-28'");
    assert_eq!(shown("localtime.statement", &[]), "'23:30:00.5'");
    assert_eq!(
        shown("datetime.statement", &["Europe/Stockholm".into()]),
        "'2024-03-01T00:30:00.5+01:00[Europe/Stockholm]'"
    );
    assert_eq!(shown("date", &[map([("timezone", "Asia/Tokyo".into())])]), "'2024-03-01'");
    assert_eq!(shown("date.truncate", &["year".into()]), "'2024-01-01'");
    assert_eq!(shown("timestamp", &[]), "1709249400500");
}

#[test]
fn components_that_do_not_go_together() {
    use sledstore_cypher::value::Value::Integer;
    let invalid = (Kind::ArgumentError, Detail::InvalidArgumentValue);
    assert_eq!(refused("date", &[map([("month", Integer(1))])]), invalid);
    assert_eq!(refused("date", &[map([("year", Integer(1)), ("day", Integer(1))])]), invalid);
    assert_eq!(refused("date", &[map([("year", Integer(1)), ("week", Integer(1)), ("month", Integer(1))])]), invalid);
    assert_eq!(refused("localtime", &[map([("minute", Integer(1))])]), invalid);
    assert_eq!(refused("datetime", &["2015-07-21T21:40+05:00[Europe/Stockholm]".into()]), invalid);
    assert_eq!(refused("datetime", &[map([("epochSeconds", Integer(1)), ("hour", Integer(1))])]), invalid);
    assert_eq!(refused("localdatetime.truncate", &["fortnight".into()]), invalid);
    let outside = (Kind::ArgumentError, Detail::NumberOutOfRange);
    assert_eq!(refused("date", &[map([("year", Integer(1_000_000_000))])]), outside);
    assert_eq!(refused("localtime", &[map([("hour", Integer(24))])]), outside);
    let wrong_type = (Kind::TypeError, Detail::InvalidArgumentType);
    assert_eq!(refused("date", &[Integer(1)]), wrong_type);
    assert_eq!(refused("date", &[map([("year", "x".into())])]), wrong_type);
}

#[test]
fn what_lies_between() {
    let between = |unit: &str, from: (&str, &str), to: (&str, &str)| {
        let [from, to] = [from, to].map(|(name, text)| call(name, &[text.into()]).unwrap());
        shown(&format!("duration.{unit}"), &[from, to])
    };
    let day = ("date", "1984-10-11");
    assert_eq!(between("between", day, ("date", "2015-06-24")), "'P30Y8M13D'");
    assert_eq!(between("inMonths", day, ("date", "2015-06-24")), "'P30Y8M'");
    assert_eq!(between("between", day, ("localdatetime", "2016-07-21T21:45:22.142")), "'P31Y9M10DT21H45M22.142S'");
    assert_eq!(between("between", day, ("localtime", "16:30")), "'PT16H30M'");
    let local = ("localdatetime", "2015-07-21T21:40:32.142");
    assert_eq!(between("between", local, ("date", "2015-06-24")), "'P-27DT-21H-40M-32.142S'");
    let noon = ("localdatetime", "2015-01-15T12:00");
    assert_eq!(between("between", noon, ("localdatetime", "2015-02-15T11:00")), "'P30DT23H'");
    assert_eq!(between("between", noon, ("localdatetime", "2015-02-15T12:00")), "'P1M'");
    assert_eq!(between("between", noon, ("localdatetime", "2014-12-15T13:00")), "'P-30DT-23H'");
    let east = ("datetime", "2014-07-21T21:40:36.143+0200");
    assert_eq!(between("between", east, ("datetime", "2015-07-21T21:40:32.142+0100")), "'P1YT59M55.999S'");
    assert_eq!(between("inMonths", east, ("time", "16:30+0100")), "'PT0S'");
}

#[test]
fn offsets_to_the_second() {
    use sledstore_cypher::value::Value::Integer;
    let entries = |zone: &str| map([("hour", Integer(12)), ("minute", Integer(34)), ("timezone", zone.into())]);
    assert_eq!(shown("time", &[entries("+02:05:00")]), "'12:34+02:05'");
    assert_eq!(shown("time", &[entries("-02:05:07")]), "'12:34-02:05:07'");
    let first = map([("year", Integer(1984)), ("timezone", "+02:05:59".into())]);
    assert_eq!(shown("datetime", &[first]), "'1984-01-01T00:00+02:05:59'");
}

#[test]
fn components_have_limits() {
    let component = |name: &str, text: &str, component: &str| {
        sledstore_cypher::value::component(&call(name, &[text.into()]).unwrap(), component)
    };
    assert_eq!(
        component("duration", "PT9000000000S", "nanoseconds").unwrap().unwrap().to_string(),
        "9000000000000000000"
    );
    let overflow = component("duration", "PT10000000000S", "nanoseconds").unwrap_err();
    assert_eq!((overflow.kind, overflow.detail), (Kind::ArithmeticError, Detail::IntegerOverflow));
    assert!(component("datetime", "+999999999-01-01T00:00Z", "epochMillis").is_err());
    assert!(component("date", "2020-01-01", "hour").unwrap().is_none());
    assert_eq!(component("date", "1984-01-01", "weekYear").unwrap().unwrap().to_string(), "1983");
    assert_eq!(
        shown(
            "date.truncate",
            &["year".into(), call("date", &[]).unwrap(), map([("day", sledstore_cypher::value::Value::Null)])]
        ),
        "null"
    );
}
