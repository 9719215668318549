package wire

import (
	"compress/flate"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"syscall"

	"flowscope/engine/trace"
)

// NetError is a request that got no whole answer, with what is known of why.
type NetError struct {
	trace.NetError
	Err error // what the network said
}

// Error gives the network's own words.
func (e *NetError) Error() string { return e.Err.Error() }

// Unwrap gives the network's own error.
func (e *NetError) Unwrap() error { return e.Err }

// classify tells the trouble from the structure of an error.
func (o *Outside) classify(t *travel, status int, err error) *NetError {
	e := &NetError{Err: err, NetError: trace.NetError{Kind: trace.CutOff, Phase: t.at(), Host: t.host, Status: status, At: o.now()}}
	var late *lateError
	var denied *proxyError
	switch {
	case errors.As(err, &late):
		e.Kind, e.Phase, e.Limit = trace.TimedOut, late.phase, late.limit
	case errors.As(err, &denied):
		e.Kind, e.Host, e.Status = trace.ProxyDenied, denied.host, denied.status
	case e.certificate(err):
	case o.timeout(e, err):
	case e.connection(err):
	case unsecured(err):
		e.Kind, e.Phase = trace.NoTLS, trace.AtTLS
	case unreadable(err):
		e.Kind = trace.BadAnswer
	case e.Phase == trace.AtTLS:
		e.Kind = trace.NoTLS // it was ended there, politely or not
	case e.Phase == trace.AtHeader && !ended(err):
		e.Kind = trace.BadAnswer
	}
	if t.proxy != "" && (e.Phase == trace.AtName || e.Phase == trace.AtConnect) && e.Kind != trace.ProxyDenied {
		e.Kind, e.Host = trace.NoProxy, t.proxy
	}
	return e
}

// timeout tells which phase was too slow: the dialer and the handshake have
// limits of their own.
func (o *Outside) timeout(e *NetError, err error) bool {
	var slow net.Error
	var dns *net.DNSError
	switch {
	case !errors.As(err, &slow) || !slow.Timeout():
		return false
	case errors.As(err, &dns):
		e.Phase = trace.AtName
	}
	e.Kind = trace.TimedOut
	switch e.Phase {
	case trace.AtName, trace.AtConnect:
		e.Limit = o.limits.Connect
	case trace.AtTLS:
		e.Limit = o.limits.TLS
	case trace.AtHeader:
		e.Limit = o.limits.Header
	case trace.AtBody:
		e.Limit = o.limits.Body
	}
	return true
}

func (e *NetError) connection(err error) bool {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		e.Kind, e.Phase = trace.NoName, trace.AtName
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Kind, e.Phase = trace.NoListener, trace.AtConnect
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETDOWN):
		e.Kind, e.Phase = trace.NoRoute, trace.AtConnect
	default:
		return false
	}
	return true
}

// certificate tells why a certificate was not accepted (RFC 5280 section 6), and
// what it says.
func (e *NetError) certificate(err error) bool {
	var (
		unknown  x509.UnknownAuthorityError
		name     x509.HostnameError
		invalid  x509.CertificateInvalidError
		verified *tls.CertificateVerificationError
		cert     *x509.Certificate
	)
	switch {
	case errors.As(err, &name):
		e.Kind, cert = trace.WrongName, name.Certificate
	case errors.As(err, &invalid):
		e.Kind, cert = trace.Untrusted, invalid.Cert
		if invalid.Reason == x509.Expired {
			e.Kind = trace.OutOfTime
		}
	case errors.As(err, &unknown):
		e.Kind, cert = trace.Untrusted, unknown.Cert
	case errors.As(err, &verified):
		e.Kind = trace.Untrusted
	default:
		return false
	}
	e.Phase = trace.AtTLS
	if errors.As(err, &verified) && len(verified.UnverifiedCertificates) > 0 && e.Kind != trace.OutOfTime {
		cert = verified.UnverifiedCertificates[0]
	}
	if cert != nil {
		e.describe(cert)
	}
	return true
}

// maxNames bounds the names of a certificate that are kept.
const maxNames = 20

func (e *NetError) describe(cert *x509.Certificate) {
	for _, n := range cert.DNSNames {
		e.Names = append(e.Names, trace.Plain(n))
	}
	for _, ip := range cert.IPAddresses {
		e.Names = append(e.Names, ip.String())
	}
	if len(e.Names) == 0 && cert.Subject.CommonName != "" {
		e.Names = []string{trace.Plain(cert.Subject.CommonName)}
	}
	e.Names = slices.Clip(e.Names[:min(len(e.Names), maxNames)])
	e.Signer = trace.Plain(cert.Issuer.String())
	e.NotBefore, e.NotAfter = cert.NotBefore, cert.NotAfter
}

// unsecured reports a handshake that failed for another reason than the
// certificate: the server speaks no TLS, or none that is safe.
func unsecured(err error) bool {
	var record tls.RecordHeaderError
	var alert tls.AlertError
	return errors.As(err, &record) || errors.As(err, &alert) || errors.Is(err, http.ErrSchemeMismatch)
}

// unreadable reports an answer that came and can't be read: it is no HTTP, or
// not in the encoding that it names.
func unreadable(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum)
}

// ended reports whether a connection was closed before the answer was whole.
func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
}

// NetOf gives what is known of a transport failure, nil when it is none.
func NetOf(err error) *trace.NetError {
	var e *NetError
	if errors.As(err, &e) {
		known := e.NetError
		return &known
	}
	return nil
}
