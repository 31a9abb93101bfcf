// A registry with the referrers API on a loopback port: go-containerregistry's own, which crane serves without it.
package main

import (
	"fmt"
	"net"
	"net/http"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, registry.New(registry.WithReferrersSupport(true))))
}
