package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage/storagetest"
)

// The name of the picture that nginx serves.
const nginxPicture = "/picture.png"

// launchNginx serves one file as a packaged nginx does: two workers, sendfile, and
// a log of each request, or none. Each worker is a process of the side.
func launchNginx(t *testing.T, picture string, logged bool) side {
	t.Helper()
	const workers = 2
	program, folder, address := storagetest.Program(t, "nginx"), t.TempDir(), campusgatetest.FreeAddress(t)
	must(t, os.WriteFile(filepath.Join(folder, nginxPicture), []byte(picture), 0o600))
	log := "off"
	if logged {
		log = filepath.Join(folder, "access.log")
	}
	var temporary strings.Builder // Debian's are below /var/lib/nginx
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temporary, "%s_temp_path %s;\n", kind, filepath.Join(folder, kind))
	}
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;"
	}
	configuration := filepath.Join(folder, "nginx.conf")
	must(t, os.WriteFile(configuration, fmt.Appendf(nil, `%s
worker_processes %d;
daemon off;
pid %s;
events { worker_connections 768; }
http {
	%s
	sendfile on;
	tcp_nopush on;
	keepalive_requests 1000000000;
	types { image/png png; }
	access_log %s;
	server {
		listen %s;
		root %s;
	}
}
`, user, workers, filepath.Join(folder, "pid"), &temporary, log, address, folder), 0o600))
	master := launch(t, address, nil, program, "-p", folder, "-e", "stderr", "-c", configuration)
	pids := children(t, master.pid)
	for late := time.Now().Add(campusgatetest.Patience); len(pids) < workers; pids = children(t, master.pid) { // it listens before it has them
		if time.Now().After(late) {
			t.Fatalf("nginx has %d workers, want %d", len(pids), workers)
		}
	}
	var s side
	for _, pid := range pids {
		s.processes = append(s.processes, &served{address: address, pid: pid})
	}
	return s
}

// children are the processes that a process has started.
func children(t testing.TB, pid int) (pids []int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%[1]d/task/%[1]d/children", pid))
	must(t, err)
	for field := range strings.FieldsSeq(string(text)) {
		child, err := strconv.Atoi(field)
		must(t, err)
		pids = append(pids, child)
	}
	return pids
}
