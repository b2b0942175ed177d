//! Logs, the audit log and spans, as others read them: zcat, jq, logrotate, an OTLP receiver. Needs root and tun.

mod logs {
    mod audit;
    mod crash;
    mod full;
    mod requests;
    mod rotated;
    mod runs;
    mod spans;
}
