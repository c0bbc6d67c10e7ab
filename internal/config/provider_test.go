package config

import (
	"reflect"
	"testing"
)

func TestExternalProviderIsMadeOfItsSections(t *testing.T) {
	t.Parallel()
	secret := "s3cret"
	for name, tc := range map[string]struct {
		set  func(*Config)
		want Provider
		ok   bool
	}{
		"none": {func(*Config) {}, Provider{}, false},
		"keycloak": {
			func(c *Config) { c.Keycloak.ServerURL, c.Keycloak.RealmName = "https://k.example.org/auth", "lab" },
			Provider{
				Issuer: "https://k.example.org/auth/realms/lab", BackChannel: "https://k.example.org/auth/realms/lab",
				ClientID: "nomad_public", Keycloak: "https://k.example.org/auth",
			}, true,
		},
		"keycloak behind another address": {
			func(c *Config) {
				c.Keycloak = Keycloak{
					ServerURL: "http://keycloak:8080", PublicServerURL: "https://k.example.org", RealmName: "lab",
					ClientID: "oasis", ClientSecret: &secret,
				}
			},
			Provider{
				Issuer: "https://k.example.org/realms/lab", BackChannel: "http://keycloak:8080/realms/lab",
				ClientID: "oasis", ClientSecret: secret, Keycloak: "http://keycloak:8080",
			}, true,
		},
		"any other": {
			func(c *Config) { c.OIDC.Issuer, c.OIDC.ClientID = "https://id.example.org", "oasis" },
			Provider{Issuer: "https://id.example.org", BackChannel: "https://id.example.org", ClientID: "oasis"}, true,
		},
		"central server": {
			func(c *Config) {
				c.Oasis.UsesCentralUserManagement, c.Oasis.CentralDeploymentURL = true, "https://c.example.org/nomad-oasis/api"
			},
			Provider{
				Issuer: "https://c.example.org/nomad-oasis/auth", BackChannel: "https://c.example.org/nomad-oasis/auth",
				Central: "https://c.example.org/nomad-oasis/api",
			}, true,
		},
	} {
		c := Default()
		tc.set(c)
		got, ok := c.ExternalProvider()
		if !reflect.DeepEqual(got, tc.want) || ok != tc.ok {
			t.Errorf("%s: %+v, %t", name, got, ok)
		}
		if c.LocalSignIn() == tc.ok {
			t.Errorf("%s: local sign-in is %t", name, c.LocalSignIn())
		}
		if c.Auth.LocalAccounts = true; !c.LocalSignIn() {
			t.Errorf("%s: no local sign-in although it is allowed", name)
		}
	}
}
