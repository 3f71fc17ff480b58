package main

import (
	"errors"
	"strconv"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage"
)

func TestPropertyRemove(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ := campusgatetest.Embedded(folder)
	runCommand(t, environ, "migrate").Want(t, exitOK)
	db := campusgatetest.OpenEmbedded(t, folder)
	add := func(title string) int64 {
		id, err := db.InsertProperty(t.Context(), storage.Property{Type: 1, Title: title, UserID: student})
		must(t, err)
		return id
	}
	text := func(id int64) string { return strconv.FormatInt(id, 10) }
	gone, kept := add("失物"), add("失物")
	runCommand(t, environ, "property", "remove", text(gone)).Want(t, exitOK)
	word := "失物"
	found, err := db.Properties(t.Context(), storage.PropertyFilter{Type: 1, Key: &word}, storage.Page{})
	if err != nil || len(found) != 1 || found[0].ID != kept {
		t.Errorf("found %+v, %v, want the notice %d alone", found, err, kept)
	}
	if err := db.DeleteProperty(t.Context(), gone, student); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("its owner deletes it again: %v", err)
	}
	runCommand(t, environ, "property", "remove", text(gone)).Refused(t, exitFailed, "notice "+text(gone)+" does not exist")
	runCommand(t, environ, "property", "remove", "tea").Refused(t, exitUsage, "ID must be a notice's number")
	runCommand(t, environ, "property", "remove").Refused(t, exitUsage, "ID is missing")
}
