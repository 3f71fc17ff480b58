package account

import (
	"context"
	"encoding/hex"
	"strings"
)

// sessionKey begins the keys of tokens of our own.
const sessionKey = "session:"

// TokenKey is by what [Authenticator.Living] knows a token: of one of our own it is no secret.
func TokenKey(token string) string {
	if !isSessionToken(token) {
		return token
	}
	hash := tokenHash(token)
	return sessionKey + hex.EncodeToString(hash[:])
}

// Living reports of tokens, given by their keys, which have not ended. Nothing that is
// remembered is believed, and to be asked for is no use of a token.
func (a *Authenticator) Living(ctx context.Context, keys []string) (map[string]bool, error) {
	var tokens []string
	var hashes [][]byte
	for _, key := range keys {
		text, ours := strings.CutPrefix(key, sessionKey)
		if hash, err := hex.DecodeString(text); ours && err == nil {
			hashes = append(hashes, hash)
		} else {
			tokens = append(tokens, key)
		}
	}
	living, err := a.db.LivingTokens(ctx, tokens)
	if err != nil {
		return nil, err
	}
	sessions, err := a.db.LivingSessions(ctx, hashes, a.sessions, a.now().Unix())
	for hash, lives := range sessions {
		living[sessionKey+hex.EncodeToString([]byte(hash))] = lives
	}
	return living, err
}
