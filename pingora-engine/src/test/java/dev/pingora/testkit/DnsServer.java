package dev.pingora.testkit;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A name server on a port of this host, over UDP, that answers what it is told to. A name
 * of which it was told nothing does not exist. All queries are remembered.
 */
public final class DnsServer implements AutoCloseable {

	private static final int TYPE_A = 1;

	private static final int TYPE_AAAA = 28;

	private final DatagramSocket socket;

	private final Map<String, Answer> answers = new ConcurrentHashMap<>();

	private final List<Query> queries = new CopyOnWriteArrayList<>();

	private final Thread thread;

	/** What was not answered. */
	private final Queue<DatagramPacket> withheld = new ArrayDeque<>();

	private boolean silent;

	/**
	 * A question.
	 *
	 * @param name the name in lower case, without the last dot
	 * @param ipv6 whether an IPv6 address is asked for
	 */
	public record Query(String name, boolean ipv6) {
	}

	private record Answer(int ttl, List<InetAddress> addresses) {
	}

	private DnsServer() throws IOException {
		this.socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
		this.thread = new Thread(this::serve, "dns-server");
		this.thread.setDaemon(true);
		this.thread.start();
	}

	/**
	 * Starts a server.
	 * @return the server, which knows no name
	 */
	public static DnsServer start() {
		try {
			return new DnsServer();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Tells what a name's addresses are.
	 * @param name the name
	 * @param ttl for how many seconds the answer may be used
	 * @param addresses its addresses, in this order; IPv4 ones and IPv6 ones
	 * @return this
	 */
	public DnsServer put(String name, int ttl, String... addresses) {
		this.answers.put(name, new Answer(ttl, Arrays.stream(addresses).map(DnsServer::literal).toList()));
		return this;
	}

	private static InetAddress literal(String address) {
		try {
			return InetAddress.getByName(address);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Lets a name not exist any more.
	 * @param name the name
	 * @return this
	 */
	public DnsServer remove(String name) {
		this.answers.remove(name);
		return this;
	}

	/**
	 * Sets whether queries stay without an answer.
	 * @param silent whether they do
	 * @return this
	 */
	public synchronized DnsServer silent(boolean silent) {
		this.silent = silent;
		return this;
	}

	/**
	 * Is silent no longer, and sends the answers to all that was asked meanwhile.
	 * @throws IOException if they can't be sent
	 */
	public synchronized void answerLate() throws IOException {
		this.silent = false;
		for (DatagramPacket answer = this.withheld.poll(); answer != null; answer = this.withheld.poll()) {
			this.socket.send(answer);
		}
	}

	/**
	 * Returns where the server is.
	 * @return its address
	 */
	public InetSocketAddress address() {
		return (InetSocketAddress) this.socket.getLocalSocketAddress();
	}

	/**
	 * Returns how often an IPv4 address was asked for.
	 * @param name the name
	 * @return the number of queries
	 */
	public long queries(String name) {
		return this.queries.stream().filter((query) -> query.equals(new Query(name, false))).count();
	}

	@Override
	public void close() {
		this.socket.close();
		Await.until("the end of the name server", () -> !this.thread.isAlive());
	}

	private void serve() {
		byte[] data = new byte[1500];
		while (!this.socket.isClosed()) {
			try {
				DatagramPacket packet = new DatagramPacket(data, data.length);
				this.socket.receive(packet);
				byte[] response = respond(ByteBuffer.wrap(data, 0, packet.getLength()));
				DatagramPacket answer = new DatagramPacket(response, response.length, packet.getSocketAddress());
				answer(answer);
			}
			catch (IOException ex) {
				if (!this.socket.isClosed()) {
					throw new UncheckedIOException(ex);
				}
			}
		}
	}

	private synchronized void answer(DatagramPacket answer) throws IOException {
		if (this.silent) {
			this.withheld.add(answer);
		}
		else {
			this.socket.send(answer);
		}
	}

	// RFC 1035 section 4.
	private byte[] respond(ByteBuffer query) throws IOException {
		short id = query.getShort(0);
		query.position(12);
		StringBuilder name = new StringBuilder();
		for (int length = query.get(); length > 0; length = query.get()) {
			byte[] label = new byte[length];
			query.get(label);
			name.append((name.length() > 0) ? "." : "").append(Octets.latin1(label));
		}
		int type = query.getShort();
		byte[] question = Arrays.copyOfRange(query.array(), 12, query.position() + 2);
		String asked = name.toString().toLowerCase(Locale.ROOT);
		this.queries.add(new Query(asked, type == TYPE_AAAA));
		Answer answer = this.answers.get(asked);
		List<InetAddress> addresses = (answer != null) ? answer.addresses()
			.stream()
			.filter((address) -> (type == TYPE_A && address.getAddress().length == 4)
					|| (type == TYPE_AAAA && address.getAddress().length == 16))
			.toList() : List.of();
		ByteArrayOutputStream octets = new ByteArrayOutputStream();
		DataOutputStream out = new DataOutputStream(octets);
		out.writeShort(id);
		out.writeShort((answer != null) ? 0x8180 : 0x8183); // NXDOMAIN
		out.writeShort(1);
		out.writeShort(addresses.size());
		out.writeInt(0);
		out.write(question);
		for (InetAddress address : addresses) {
			out.writeShort(0xC00C); // the question's name
			out.writeShort(type);
			out.writeShort(1);
			out.writeInt(answer.ttl());
			out.writeShort(address.getAddress().length);
			out.write(address.getAddress());
		}
		return octets.toByteArray();
	}

}
