// Every operation of the matrix through spymemcached: SpymemcachedCheck HOST PORT. In the text protocol, or in the
// binary one with CLIENT_PROTOCOL=binary.
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import net.spy.memcached.CASResponse;
import net.spy.memcached.CASValue;
import net.spy.memcached.ConnectionFactoryBuilder;
import net.spy.memcached.ConnectionFactoryBuilder.Protocol;
import net.spy.memcached.MemcachedClient;
import net.spy.memcached.internal.OperationFuture;
import net.spy.memcached.transcoders.SerializingTranscoder;

final class SpymemcachedCheck {
  interface Step {
    void run() throws Exception;
  }

  private static final int FOREVER = 0;
  private final InetSocketAddress address;
  private final boolean binary = "binary".equals(System.getenv("CLIENT_PROTOCOL"));
  private final MemcachedClient client;

  private SpymemcachedCheck(String host, int port) throws Exception {
    address = new InetSocketAddress(host, port);
    client = connect();
  }

  private MemcachedClient connect() throws Exception {
    SerializingTranscoder transcoder = new SerializingTranscoder(4000000); // the client's own limit, not the server's
    transcoder.setCompressionThreshold(Integer.MAX_VALUE);
    return new MemcachedClient(new ConnectionFactoryBuilder()
        .setProtocol(binary ? Protocol.BINARY : Protocol.TEXT).setTranscoder(transcoder).setOpTimeout(10000).build(),
        List.of(address));
  }

  /** Any way a client complains is a failed operation, not the end of the run. */
  private static void operation(String name, Step step) {
    try {
      step.run();
      System.out.println("ok " + name);
    } catch (Exception error) {
      String reason = error.toString().replaceAll("\\s+", " ");
      System.out.println("FAIL " + name + " " + reason.substring(0, Math.min(200, reason.length())));
    }
  }

  private static void expect(Object actual, Object wanted) {
    if (!Objects.equals(actual, wanted)) {
      throw new IllegalStateException(String.format("got %.80s, wanted %.80s", actual, wanted));
    }
  }

  private static boolean done(OperationFuture<Boolean> future) throws Exception {
    return future.get(10, TimeUnit.SECONDS);
  }

  private void store(String key, Object value, int seconds) throws Exception {
    expect(done(client.set(key, seconds, value)), true);
  }

  private void holds(String key, Object value) {
    expect(client.get(key), value);
  }

  /** Every 8-byte group differs, so that a lost or doubled piece cannot go unseen. */
  private static String largeValue(int size) {
    StringBuilder value = new StringBuilder(size + 8);
    for (int i = 0; value.length() < size; i++) value.append(String.format("%07x ", i));
    return value.substring(0, size);
  }

  private void multiGet() throws Exception {
    List<String> keys = new ArrayList<>();
    Map<String, Object> there = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      keys.add("many" + i);
      if (i % 10 == 3) continue;
      there.put("many" + i, "value" + i);
      store("many" + i, "value" + i, FOREVER);
    }
    expect(client.getBulk(keys), there);
  }

  private void addAndReplace() {
    operation("add", () -> {
      expect(done(client.add("added", FOREVER, "first")), true);
      expect(done(client.add("added", FOREVER, "second")), false);
      holds("added", "first");
    });
    operation("replace", () -> {
      expect(done(client.replace("replaced", FOREVER, "none")), false);
      store("replaced", "first", FOREVER);
      expect(done(client.replace("replaced", FOREVER, "second")), true);
      holds("replaced", "second");
    });
    operation("append", () -> {
      expect(done(client.append("appended", "none")), false);
      store("appended", "head", FOREVER);
      expect(done(client.append("appended", "-tail")), true);
      holds("appended", "head-tail");
    });
    operation("prepend", () -> {
      expect(done(client.prepend("prepended", "none")), false);
      store("prepended", "tail", FOREVER);
      expect(done(client.prepend("prepended", "head-")), true);
      holds("prepended", "head-tail");
    });
  }

  private void cas() throws Exception {
    store("unique", "first", FOREVER);
    CASValue<Object> found = client.gets("unique");
    expect(found.getValue(), "first");
    expect(client.cas("unique", found.getCas(), "second"), CASResponse.OK);
    expect(client.cas("unique", found.getCas(), "third"), CASResponse.EXISTS);
    expect(client.cas("never", found.getCas(), "value"), CASResponse.NOT_FOUND);
    holds("unique", "second");
  }

  private void numbers() {
    operation("incr", () -> {
      expect(client.incr("missing-number", 1), -1L);
      store("up", "9", FOREVER);
      expect(client.incr("up", 3), 12L);
    });
    operation("decr", () -> {
      store("down", "10", FOREVER);
      expect(client.decr("down", 3), 7L);
      expect(client.decr("down", 30), 0L);
    });
  }

  private void touch() throws Exception {
    store("cut", "value", FOREVER);
    expect(done(client.touch("cut", 1)), true);
    store("kept", "value", 2);
    expect(done(client.touch("kept", 100)), true);
    expect(done(client.touch("absent", 100)), false);
    Thread.sleep(3000);
    holds("cut", null);
    holds("kept", "value");
  }

  private void expiry() throws Exception {
    store("soon", "value", 1);
    store("later", "value", 2);
    holds("later", "value");
    Thread.sleep(3000);
    holds("soon", null);
    holds("later", null);
  }

  private void delete() throws Exception {
    store("deleted", "value", FOREVER);
    expect(done(client.delete("deleted")), true);
    holds("deleted", null);
    expect(done(client.delete("deleted")), false);
  }

  /** The client keeps the type of a value in the flags. */
  private void flags() throws Exception {
    for (Object value : List.of(7, 1.5, true, "text", new ArrayList<>(List.of("a", 1)))) {
      store("typed", value, FOREVER);
      holds("typed", value);
    }
  }

  private void tooLarge() throws Exception {
    store("before", "value", FOREVER);
    boolean stored;
    try {
      stored = done(client.set("huge", FOREVER, largeValue(2000000)));
    } catch (java.util.concurrent.ExecutionException refused) {
      expect(refused.getMessage().contains("too large"), true);
      stored = false;
    }
    expect(stored, false);
    holds("before", "value");
    holds("huge", null);
  }

  private void bytes() throws Exception {
    byte[] value = new byte[263];
    for (int i = 0; i < 256; i++) value[i] = (byte) i;
    System.arraycopy("\r\nEND\r\n".getBytes(StandardCharsets.US_ASCII), 0, value, 256, 7);
    store("bytes", value, FOREVER);
    expect(Arrays.equals((byte[]) client.get("bytes"), value), true);
    store("klíč", "žluť, 数据", FOREVER);
    holds("klíč", "žluť, 数据");
  }

  private void flush() throws Exception {
    store("flushed", "value", FOREVER);
    expect(done(client.flush()), true);
    holds("flushed", null);
    expect(done(client.add("flushed", FOREVER, "again")), true);
  }

  private static String figure(MemcachedClient from, String name) {
    return from.getStats().values().iterator().next().get(name);
  }

  private void stats(MemcachedClient other) throws Exception {
    store("counted", "value", FOREVER);
    expect(figure(client, "cmd_set"), figure(other, "cmd_set"));
    expect(Integer.parseInt(figure(client, "cmd_set")) > 0, true);
    expect(client.getStats("settings").values().iterator().next().get("maxconns"), "1024");
  }

  /** The server must soon have that many; one that is closed is counted until it is noticed. */
  private static void expectConnections(MemcachedClient from, String wanted) throws Exception {
    String there = figure(from, "curr_connections");
    for (int tries = 0; tries < 250 && !wanted.equals(there); tries++) {
      Thread.sleep(20);
      there = figure(from, "curr_connections");
    }
    expect(there, wanted);
  }

  private void quit(MemcachedClient other) throws Exception {
    expectConnections(other, "2"); // its own and the other's
    expect(client.shutdown(10, TimeUnit.SECONDS), true);
    expectConnections(other, "1");
  }

  private void run() throws Exception {
    operation("set", () -> store("stored", "value", FOREVER));
    operation("get", () -> {
      store("present", "value", FOREVER);
      holds("present", "value");
      holds("absent", null);
    });
    operation("multi-get", this::multiGet);
    addAndReplace();
    operation("cas", this::cas);
    numbers();
    operation("delete", this::delete);
    operation("touch", this::touch);
    operation("expiry", this::expiry);
    operation("flags", this::flags);
    operation("large", () -> {
      String value = largeValue(1048400);
      store("large", value, FOREVER);
      expect(value.equals(client.get("large")), true);
    });
    operation("too-large", this::tooLarge);
    operation("long-key", () -> {
      store("k".repeat(250), "value", FOREVER);
      holds("k".repeat(250), "value");
    });
    operation("binary", this::bytes);
    operation("flush", this::flush);
    operation("version",
        () -> expect(client.getVersions().get(address).matches("\\d+\\.\\d+\\.\\d+.*"), true));
    MemcachedClient other = connect();
    operation("stats", () -> stats(other));
    operation("quit", () -> quit(other));
    other.shutdown();
  }

  public static void main(String[] arguments) throws Exception {
    new SpymemcachedCheck(arguments[0], Integer.parseInt(arguments[1])).run();
  }
}
