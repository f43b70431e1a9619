package mail

import "testing"

func TestDefaults(t *testing.T) {
	for _, tt := range []struct {
		name, mode string
		port       int
		wantMode   string
		wantPort   int
	}{
		{"nothing said", "", 0, AutoTLS, 587},
		{"auto", AutoTLS, 0, AutoTLS, 587},
		{"auto on the port of implicit", AutoTLS, 465, ImplicitTLS, 465},
		{"nothing said on the port of implicit", "", 465, ImplicitTLS, 465},
		{"starttls on the port of implicit", StartTLS, 465, StartTLS, 465},
		{"implicit", ImplicitTLS, 0, ImplicitTLS, 465},
		{"none", NoTLS, 0, NoTLS, 25},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Config{Enabled: true, Host: "mail.example.com", TLS: tt.mode, Port: tt.port}
			if err := c.prepare(); err != nil || c.TLS != tt.wantMode || c.Port != tt.wantPort {
				t.Errorf("%s on %d, %v; want %s on %d", c.TLS, c.Port, err, tt.wantMode, tt.wantPort)
			}
		})
	}
}
