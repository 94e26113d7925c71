// What a calendar program in JavaScript takes from each file that is named, in their order.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const read = (file) => {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(file, "utf8")));
  const part = calendar.getFirstSubcomponent("vevent");
  const event = new ICAL.Event(part);
  const [attendee] = event.attendees;
  return {
    method: calendar.getFirstPropertyValue("method"),
    uid: event.uid,
    sequence: event.sequence,
    starts: event.startDate.toJSDate().toISOString(),
    ends: event.endDate.toJSDate().toISOString(),
    summary: event.summary,
    location: event.location,
    status: part.getFirstPropertyValue("status"),
    organizer: event.organizer,
    attendee: attendee.getFirstValue(),
    name: attendee.getParameter("cn"),
  };
};

console.log(JSON.stringify(process.argv.slice(2).map(read)));
