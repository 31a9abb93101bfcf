// containers-peer asks the library of skopeo, podman and CRI-O whether a policy lets an image run.
//
//	containers-peer POLICY REGISTRIES.D IMAGE
//
// Ends with 0 when the image is allowed, with 1 when it is refused, and with 2 when the policy cannot be read or the
// registry does not answer; says why on standard error.
package main

import (
	"context"
	"fmt"
	"os"

	"go.podman.io/image/v5/docker"
	"go.podman.io/image/v5/image"
	"go.podman.io/image/v5/signature"
	"go.podman.io/image/v5/types"
)

func fail(status int, err error) {
	fmt.Fprintln(os.Stderr, "containers-peer:", err)
	os.Exit(status)
}

func main() {
	if len(os.Args) != 4 {
		fail(2, fmt.Errorf("expected POLICY REGISTRIES.D IMAGE"))
	}
	policy, err := signature.NewPolicyFromFile(os.Args[1])
	if err != nil {
		fail(2, err)
	}
	judge, err := signature.NewPolicyContext(policy)
	if err != nil {
		fail(2, err)
	}
	reference, err := docker.ParseReference("//" + os.Args[3])
	if err != nil {
		fail(2, err)
	}
	ctx := context.Background()
	system := &types.SystemContext{
		RegistriesDirPath:           os.Args[2],
		SystemRegistriesConfPath:    "/dev/null",
		DockerInsecureSkipTLSVerify: types.OptionalBoolTrue, // loopback without TLS
	}
	source, err := reference.NewImageSource(ctx, system)
	if err != nil {
		fail(2, err)
	}
	allowed, err := judge.IsRunningImageAllowed(ctx, image.UnparsedInstance(source, nil))
	if allowed && err == nil {
		return
	}
	fail(1, err)
}
