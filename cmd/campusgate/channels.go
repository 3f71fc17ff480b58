package main

import (
	"crypto/rsa"
	"errors"
	"log/slog"
	"strings"
	"time"

	"campusgate/config"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/alipay"
	"campusgate/handlers/trade/channel/pingpp"
	"campusgate/handlers/trade/channel/sandbox"
	"campusgate/handlers/trade/channel/signing"
	"campusgate/handlers/trade/channel/wechat"
	"campusgate/storage"
)

// openChannels are the channels by which users pay. It tries their keys, and does not call
// them.
func openChannels(c *config.Config, db *storage.DB, now func() time.Time, logger *slog.Logger) (channel.Set, error) {
	set := channel.Set{}
	if c.Payments.Sandbox {
		set[channel.Sandbox] = sandbox.New(db, now)
	}
	var failures []error
	if a := c.Alipay; a.IsSet() {
		keys, err := openKeys("alipay", a.PrivateKey, a.PublicKey)
		failures = append(failures, err)
		set[channel.Alipay] = alipay.New(alipay.Settings{
			Gateway: a.Gateway, AppID: a.AppID, SellerID: a.SellerID, Private: keys.own, Public: keys.theirs,
			NotifyURL: c.Payments.NotifyBase + "/callback/" + channel.Alipay, Now: now,
		})
		keys.log(logger, channel.Alipay, a.AppID)
	}
	if w := c.WeChat; w.IsSet() {
		keys, err := openKeys("wechat", w.PrivateKey, w.PublicKey)
		failures = append(failures, err)
		set[channel.WeChat] = wechat.New(wechat.Settings{
			Endpoint: w.Endpoint, MchID: w.MchID, AppID: w.AppID, Serial: w.Serial, Private: keys.own, APIV3Key: w.APIV3Key.Reveal(),
			Public: keys.theirs, PublicKeyID: w.PublicKeyID, NotifyURL: c.Payments.NotifyBase + "/callback/" + channel.WeChat, Now: now,
		})
		keys.log(logger, channel.WeChat, w.AppID)
	}
	if p := c.Pingpp; p.IsSet() {
		keys, err := openKeys("pingpp", p.PrivateKey, p.PublicKey)
		failures = append(failures, err)
		set[channel.Pingpp] = pingpp.New(pingpp.Settings{
			Endpoint: p.Endpoint, AppID: p.AppID, APIKey: p.APIKey.Reveal(), Private: keys.own, Public: keys.theirs,
			ReturnURL: c.Payments.NotifyBase, Now: now,
		})
		keys.log(logger, channel.Pingpp, p.AppID)
	}
	return set, inOneLine(append(failures, atKey("payments.sandbox", set.Check()))...)
}

// inOneLine is all failures together, nil where there is none.
func inOneLine(failures ...error) error {
	var texts []string
	for _, failure := range failures {
		if failure != nil {
			texts = append(texts, failure.Error())
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return errors.New(strings.Join(texts, "; "))
}

// channelKeys are those of a channel: ours, which signs what it is told, and its own, which
// signs what it tells.
type channelKeys struct {
	own    *rsa.PrivateKey
	theirs *rsa.PublicKey
}

// openKeys reads the keys of a section and tries them. What is found of both is returned
// together.
func openKeys(section string, private config.Secret, public string) (keys channelKeys, err error) {
	keys.own, err = signing.PrivateKey(private.Reveal())
	if err == nil {
		err = inOneLine(signing.CheckPair(keys.own), signing.CheckReal(&keys.own.PublicKey))
	}
	ownErr := atKey(section+".private_key", err)
	keys.theirs, err = signing.PublicKey(public)
	if err == nil {
		err = signing.CheckReal(keys.theirs)
		if keys.own != nil {
			err = inOneLine(err, signing.CheckChannel(keys.theirs, keys.own))
		}
	}
	return keys, inOneLine(ownErr, atKey(section+".public_key", err))
}

// log tells by which keys a channel is spoken to, so that they can be compared with those
// on its page.
func (k channelKeys) log(logger *slog.Logger, name, appID string) {
	if k.own == nil || k.theirs == nil {
		return
	}
	logger.Info("payment channel", "channel", name, "app_id", appID,
		"own_public_key_sha256", signing.Fingerprint(&k.own.PublicKey), "public_key_sha256", signing.Fingerprint(k.theirs))
}
