// What a calendar program in Go takes from each file that is named, in their order.
package main

import (
	"encoding/json"
	"os"
	"strconv"
	"time"
	_ "time/tzdata" // also where the machine has no list of time zones

	"github.com/emersion/go-ical"
)

const moment = "2006-01-02T15:04:05.000Z"

type told struct {
	Method    string  `json:"method"`
	Uid       string  `json:"uid"`
	Sequence  int     `json:"sequence"`
	Starts    string  `json:"starts"`
	Ends      string  `json:"ends"`
	Summary   string  `json:"summary"`
	Location  string  `json:"location"`
	Status    *string `json:"status"`
	Organizer string  `json:"organizer"`
	Attendee  string  `json:"attendee"`
	Name      string  `json:"name"`
}

func main() {
	var events []told
	for _, name := range os.Args[1:] {
		events = append(events, read(name))
	}
	must(json.NewEncoder(os.Stdout).Encode(events))
}

func read(name string) told {
	file := got(os.Open(name))
	defer file.Close()
	calendar := got(ical.NewDecoder(file).Decode())
	event := calendar.Events()[0]
	attendee := event.Props.Get(ical.PropAttendee)
	return told{
		Method:    got(calendar.Props.Text(ical.PropMethod)),
		Uid:       got(event.Props.Text(ical.PropUID)),
		Sequence:  got(strconv.Atoi(event.Props.Get(ical.PropSequence).Value)),
		Starts:    got(event.DateTimeStart(time.UTC)).UTC().Format(moment),
		Ends:      got(event.DateTimeEnd(time.UTC)).UTC().Format(moment),
		Summary:   got(event.Props.Text(ical.PropSummary)),
		Location:  got(event.Props.Text(ical.PropLocation)),
		Status:    status(event),
		Organizer: event.Props.Get(ical.PropOrganizer).Value,
		Attendee:  attendee.Value,
		Name:      attendee.Params.Get(ical.ParamCommonName),
	}
}

func status(event ical.Event) *string {
	if said := event.Props.Get(ical.PropStatus); said != nil {
		return &said.Value
	}
	return nil
}

func got[T any](value T, err error) T {
	must(err)
	return value
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
