package e2e

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

// With all descriptors for clients taken by connections that say nothing, those that
// were there before go on to be answered, from the database and from disk; when there
// is room again, new ones are.
func TestDescriptorsUsedUp(t *testing.T) {
	const files, silent, busy = 128, 150, 16
	command := exec.CommandContext(t.Context(), "sh", "-c", fmt.Sprintf("ulimit -n %d; exec %s serve --demo", files, campusgatetest.Program(t)))
	command.Dir = t.TempDir()
	command.Env = campusgatetest.Environment("CAMPUSGATE_SERVER_LISTEN=127.0.0.1:0", "CAMPUSGATE_SERVER_READ_TIMEOUT=10m", "CAMPUSGATE_LIMITS_PER_MINUTE=0")
	b := campusgatetest.StartCommand(t, command)
	seller := b.DemoToken(t, campusgatetest.DemoSeller)
	clients := campusgatetest.Dial(t, []string{b.Address}, busy)
	upload := campusgatetest.Posting("/pic?token="+seller, onePixelUpload)
	notice := campusgatetest.Posting("/property?token="+seller, campusgatetest.Envelope("property/add",
		`{"type":2,"lab":"卡类","title":"捡到一张卡","content":"在食堂","occurrence_time":"","user_name":"王凌超","user_phone":"","user_qq":""}`))
	list := campusgatetest.Getting("/api/external/get/property?type=2&token="+seller, "")
	ask := func() {
		t.Helper()
		failures := make(chan error, busy)
		for _, client := range clients {
			go func() {
				for range 5 {
					for _, request := range [][]byte{notice, list, upload} {
						status, err := client.Ask(request)
						if err == nil && (status != 200 || !strings.Contains(string(client.Body), `"status":0,`)) {
							err = fmt.Errorf("HTTP status %d: %.300s", status, client.Body)
						}
						if err != nil {
							failures <- err
							return
						}
					}
				}
				failures <- nil
			}()
		}
		for range clients {
			must(t, <-failures)
		}
	}
	for _, client := range clients { // each is taken now
		must(t, campusgatetest.Asking(list, 200)(client))
	}
	var idle []net.Conn
	for range silent {
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", b.Address)
		must(t, err)
		idle = append(idle, connection)
	}
	b.Stderr.Await(t, "no room for another connection")
	ask()
	for _, connection := range idle {
		must(t, connection.Close())
	}
	if got := campusgatetest.Get(t, "http://"+b.Address+"/readyz").Raw; got != "ok\n" {
		t.Errorf("readyz: %s", got)
	}
	ask()
	if told := strings.Count(b.Stderr.String(), "no room for another connection"); told > 2 {
		t.Errorf("told %d times", told)
	}
	if status := b.Stop(); status != exitOK {
		t.Errorf("exit status %d:\n%s", status, b.Stderr)
	}
}
