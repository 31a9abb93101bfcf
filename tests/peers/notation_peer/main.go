// A small program around notation's own library, since its command cannot be installed by name: it verifies and signs
// what an image layout holds, with notation's configuration folder.
//
//	notation-peer verify LAYOUT DIGEST CONFIG            with CONFIG/trustpolicy.json and CONFIG/truststore
//	notation-peer sign LAYOUT DIGEST jws|cose KEY CHAIN EXPIRY [TSA-URL TSA-ROOT]
package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/notaryproject/notation-core-go/revocation"
	"github.com/notaryproject/notation-core-go/revocation/purpose"
	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/dir"
	"github.com/notaryproject/notation-go/registry"
	"github.com/notaryproject/notation-go/signer"
	"github.com/notaryproject/notation-go/verifier"
	"github.com/notaryproject/tspclient-go"
)

func verify(layout, digest, config string) error {
	dir.UserConfigDir = config
	repository, err := registry.NewOCIRepository(layout, registry.RepositoryOptions{})
	if err != nil {
		return err
	}
	judge, err := verifier.NewFromConfig()
	if err != nil {
		return err
	}
	options := notation.VerifyOptions{ArtifactReference: "local/layout@" + digest, MaxSignatureAttempts: 50}
	_, outcomes, err := notation.Verify(context.Background(), judge, repository, options)
	if err != nil {
		return err
	}
	for _, outcome := range outcomes {
		fmt.Println(outcome.EnvelopeContent.SignerInfo.CertificateChain[0].Subject)
	}
	return nil
}

func sign(words []string) error {
	repository, err := registry.NewOCIRepository(words[0], registry.RepositoryOptions{})
	if err != nil {
		return err
	}
	author, err := signer.NewGenericSignerFromFiles(words[3], words[4])
	if err != nil {
		return err
	}
	expiry, err := time.ParseDuration(words[5])
	if err != nil {
		return err
	}
	options := notation.SignerSignOptions{
		SignatureMediaType: map[string]string{"jws": "application/jose+json", "cose": "application/cose"}[words[2]],
		ExpiryDuration:     expiry,
		SigningAgent:       "notation-peer",
	}
	if len(words) == 8 {
		if options.Timestamper, err = tspclient.NewHTTPTimestamper(http.DefaultClient, words[6]); err != nil {
			return err
		}
		pem, err := os.ReadFile(words[7])
		if err != nil {
			return err
		}
		options.TSARootCAs = x509.NewCertPool()
		options.TSARootCAs.AppendCertsFromPEM(pem)
		options.TSARevocationValidator, err = revocation.NewWithOptions(revocation.Options{CertChainPurpose: purpose.Timestamping})
		if err != nil {
			return err
		}
	}
	manifest, err := notation.Sign(context.Background(), author, repository,
		notation.SignOptions{SignerSignOptions: options, ArtifactReference: words[1]})
	if err == nil {
		fmt.Println(manifest.Digest)
	}
	return err
}

func run(words []string) error {
	switch {
	case len(words) == 4 && words[0] == "verify":
		return verify(words[1], words[2], words[3])
	case (len(words) == 7 || len(words) == 9) && words[0] == "sign":
		return sign(words[1:])
	}
	return errors.New("notation-peer verify|sign …; see the source")
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
