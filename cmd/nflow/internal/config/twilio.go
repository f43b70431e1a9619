package config

// Twilio is the section [twilio].
type Twilio struct {
	AccountSID      string `key:"account_sid" doc:"Account; empty = no one-time codes."`
	AuthToken       Secret `key:"auth_token" doc:"Secret of the account."`
	VerifyServiceID string `key:"verify_service_id" doc:"Verify service that sends the codes."`
	URL             string `key:"url" default:"https://verify.twilio.com" check:"url" doc:"Where the service is."`
}
