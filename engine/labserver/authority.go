package labserver

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"slices"
	"time"
)

// life is how long the certificates are good for: longer than any workshop,
// too short to be worth keeping.
const life = 7 * 24 * time.Hour

// authority is the throw-away certificate authority with the one certificate
// that it has made. Its key is forgotten once that is signed.
type authority struct {
	pem  []byte // the authority's certificate
	leaf tls.Certificate
	ips  []net.IP // that the certificate is for
	ends time.Time
}

// authorityFor is the one of the server before where it still does, else a new
// one.
func authorityFor(o Options, ips []net.IP) (*authority, error) {
	now := o.Now()
	if o.Again != nil && o.Again.authority.does(now, ips) {
		return o.Again.authority, nil
	}
	return newAuthority(now, ips)
}

// does reports whether the certificate is good for these addresses now.
func (a *authority) does(now time.Time, ips []net.IP) bool {
	return a != nil && now.Before(a.ends) && !slices.ContainsFunc(ips, func(ip net.IP) bool { return !slices.ContainsFunc(a.ips, ip.Equal) })
}

// newAuthority makes an authority that can speak for loopback alone (name
// constraints, RFC 5280 section 4.2.1.10), and its certificate for localhost
// and these addresses.
func newAuthority(now time.Time, ips []net.IP) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("no key for the certificate authority: %w", err)
	}
	from := now.Add(-24 * time.Hour) // clocks of containers and machines differ
	ca := &x509.Certificate{
		Subject:   pkix.Name{CommonName: "flowscope lab throw-away CA"},
		NotBefore: from, NotAfter: now.Add(life - 24*time.Hour),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage:                    x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: []string{"localhost"},
		PermittedIPRanges: []*net.IPNet{
			{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
			{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
		},
	}
	caDER, err := sign(ca, ca, key, key)
	if err != nil {
		return nil, err
	}
	signer, err := x509.ParseCertificate(caDER)
	if err != nil {
		return nil, fmt.Errorf("certificate authority: %w", err)
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("no key for the certificate: %w", err)
	}
	leafDER, err := sign(&x509.Certificate{
		Subject:   pkix.Name{CommonName: "localhost"},
		NotBefore: from, NotAfter: ca.NotAfter,
		DNSNames: []string{"localhost"}, IPAddresses: addresses(ips), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, signer, leafKey, key)
	if err != nil {
		return nil, err
	}
	return &authority{
		pem:  pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER}),
		leaf: tls.Certificate{Certificate: [][]byte{leafDER, caDER}, PrivateKey: leafKey},
		ips:  addresses(ips), ends: ca.NotAfter,
	}, nil
}

// addresses are the usual ones, and those that are listened on beside them.
func addresses(ips []net.IP) []net.IP {
	all := []net.IP{net.IPv4(127, 0, 0, 1).To4(), net.IPv6loopback}
	for _, ip := range ips {
		if !ip.Equal(all[0]) && !ip.Equal(all[1]) {
			all = append(all, ip)
		}
	}
	return all
}

func sign(template, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("no serial number: %w", err)
	}
	template.SerialNumber = serial.Add(serial, big.NewInt(1))
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, fmt.Errorf("no certificate: %w", err)
	}
	return der, nil
}

func (a *authority) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{a.leaf}, NextProtos: []string{"h2", "http/1.1"}}
}
