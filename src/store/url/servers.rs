//! The hosts and ports that a URL or a variable lists.

use crate::domain::Invalid;

/// The parts of a list with commas.
pub(in crate::store) fn listed(text: &str) -> Vec<&str> {
    text.split(',').collect()
}

/// Each host with its port: there is one for each, one for all, or none.
pub(in crate::store) fn pair(
    hosts: Vec<&str>,
    ports: &[&str],
) -> Option<Vec<(String, Option<String>)>> {
    let said = |port: &str| Some(port.to_owned()).filter(|port| !port.is_empty());
    let hosts = if hosts.is_empty() { vec![""] } else { hosts };
    let ports: Vec<Option<String>> = match ports {
        [] => vec![None; hosts.len()],
        [port] => vec![said(port); hosts.len()],
        ports if ports.len() == hosts.len() => ports.iter().map(|port| said(port)).collect(),
        _ => return None,
    };
    Some(hosts.into_iter().map(str::to_owned).zip(ports).collect())
}

/// A number that can be a port; `source` is who says it.
pub(in crate::store) fn port_number(text: &str, source: &str) -> Result<u16, Invalid> {
    let number = text.trim().parse().ok().filter(|number| *number != 0);
    number.ok_or_else(|| {
        Invalid::new(format!(
            "{source} has a port that is no number from 1 to 65535"
        ))
    })
}

/// Holds a host to what names, addresses and folders consist of; `source` is who
/// says it.
pub(in crate::store) fn check_host(host: &str, source: &str) -> Result<(), Invalid> {
    let is_name_sign = |c: char| c.is_alphanumeric() || "-._:%".contains(c);
    if host.starts_with('/') || host.chars().all(is_name_sign) {
        Ok(())
    } else {
        Err(Invalid::new(format!(
            "{source} has a host that is no name, no address and no folder"
        )))
    }
}
