// Reads events of the care conference from Kafka with Kafka's own client: each once, in order, and nothing is missed
// unseen.
//
// Settings are what `kpk subscriber add` prints. What is done with an event is a line in a file: id, type, topic,
// stream, sequence, taken or skipped, and the event's JSON. Put your own effect there, with the id in the same
// transaction. Whatever fails ends the program; started again, it goes on where its file ends. One process a file.

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public final class Subscriber {
    public static void main(String[] words) throws IOException {
        Events events = new Events(
                Path.of(told("SUBSCRIBER_FILE", "events.tsv")),
                Set.copyOf(Arrays.asList(told("SUBSCRIBER_TYPES", "").split(","))),
                told("SUBSCRIBER_CONFERENCE", ""));
        Thread reader = Thread.currentThread();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                consumer.wakeup();
                join(reader);
            }));
            consumer.subscribe(List.of(told("SUBSCRIBER_TOPICS").split(",")));
            while (true) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofSeconds(1));
                if (!records.isEmpty()) {
                    events.take(records);
                    consumer.commitSync();
                }
            }
        } catch (WakeupException ended) {
            // Ctrl-C or SIGTERM: what was taken last is on the disk, and comes again if it is not committed.
        }
    }

    /** What the file holds is known again at the next start: so an event that comes twice is one. */
    private static final class Events {
        private final Set<String> types;
        private final String conference;
        private final FileChannel file;
        private final Set<String> known = new HashSet<>();
        private final Map<String, Long> last = new HashMap<>();

        Events(Path path, Set<String> types, String conference) throws IOException {
            this.types = types;
            this.conference = conference;
            byte[] text = Files.exists(path) ? Files.readAllBytes(path) : new byte[0];
            int whole = text.length;
            while (whole > 0 && text[whole - 1] != '\n') whole--; // a line that a crash has cut short comes again
            for (String line : new String(text, 0, whole, UTF_8).split("\n")) {
                String[] columns = line.split("\t");
                if (columns.length > 4) remember(columns[0], columns[2], columns[3], Long.parseLong(columns[4]));
            }
            file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            file.truncate(whole).position(whole);
        }

        /** Returns when all of them are on the disk: only then may their offsets be committed. */
        void take(Iterable<ConsumerRecord<byte[], byte[]>> records) throws IOException {
            StringBuilder lines = new StringBuilder();
            for (ConsumerRecord<byte[], byte[]> record : records) lines.append(line(record));
            ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(UTF_8));
            while (bytes.hasRemaining()) file.write(bytes);
            file.force(false);
        }

        /** Empty: there is nothing to do. */
        private String line(ConsumerRecord<byte[], byte[]> record) {
            String id = header(record, "ce_id"), type = header(record, "ce_type");
            String stream = header(record, "ce_subject"), topic = record.topic();
            Long sequence = number(header(record, "ce_sequence"));
            boolean isPublic = record.headers().lastHeader("ce_previous") != null;
            Long previous = isPublic ? number(header(record, "ce_previous")) : sequence; // a closed topic has every number
            if (id == null || type == null || stream == null || sequence == null || previous == null) {
                say("no event: " + topic + " has a record without an event's headers");
                return "";
            }
            if (!isPublic) previous = sequence - 1;
            boolean others = !conference.isEmpty() && !conference.equals(header(record, "ce_conference"));
            if (known.contains(id) || others) return "";
            long before = last.getOrDefault(topic + " " + stream, 0L);
            if (previous > before) {
                say("gap: " + stream + " in " + topic + " goes from " + before + " to " + sequence + "; " + previous
                        + " is missing");
            }
            remember(id, topic, stream, sequence);
            String what = types.contains("") || types.contains(type) ? "taken" : "skipped";
            String json = record.value() == null ? "" : new String(record.value(), UTF_8);
            String[] columns = {id, type, topic, stream, sequence.toString(), what, json};
            for (int i = 0; i < columns.length; i++) columns[i] = columns[i].replaceAll("[\\x00-\\x1f]", " ");
            return String.join("\t", columns) + "\n";
        }

        private void remember(String id, String topic, String stream, long sequence) {
            known.add(id);
            last.merge(topic + " " + stream, sequence, Math::max);
        }
    }

    private static Properties settings() throws IOException {
        Properties settings = new Properties();
        String password = Files.readString(Path.of(told("SUBSCRIBER_PASSWORD_FILE"))).strip();
        settings.put("bootstrap.servers", told("SUBSCRIBER_BOOTSTRAP"));
        settings.put("group.id", told("SUBSCRIBER_GROUP"));
        settings.put("security.protocol", told("SUBSCRIBER_PROTOCOL"));
        settings.put("sasl.mechanism", "SCRAM-SHA-512");
        settings.put("sasl.jaas.config", "org.apache.kafka.common.security.scram.ScramLoginModule required username=\""
                + told("SUBSCRIBER_USER") + "\" password=\"" + password + "\";");
        if (System.getenv("SUBSCRIBER_CA_FILE") != null) {
            settings.put("ssl.truststore.type", "PEM");
            settings.put("ssl.truststore.location", told("SUBSCRIBER_CA_FILE"));
        }
        settings.put("enable.auto.commit", "false");
        settings.put("auto.offset.reset", "earliest");
        settings.put("isolation.level", "read_committed");
        settings.put("allow.auto.create.topics", "false");
        return settings;
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? null : new String(header.value(), UTF_8);
    }

    private static Long number(String text) {
        return text != null && text.matches("[0-9]{1,18}") ? Long.valueOf(text) : null;
    }

    private static String told(String name, String... otherwise) {
        String value = System.getenv(name);
        if (value == null && otherwise.length == 0) throw new IllegalArgumentException(name + " must be set, as README.md says");
        return value == null ? otherwise[0] : value;
    }

    private static void say(String line) {
        System.err.println(line);
    }

    private static void join(Thread thread) {
        try {
            thread.join(5000);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }
}
