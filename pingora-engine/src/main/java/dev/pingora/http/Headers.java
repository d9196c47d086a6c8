package dev.pingora.http;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

/**
 * The header fields of a message, or its trailers: in order, names in any case.
 * <p>
 * Names and values become strings only when they are asked for; edits are an overlay, and
 * a field that nobody touched is forwarded octet by octet. Octets map to characters as in
 * ISO-8859-1.
 * <p>
 * Used by one thread at a time. After the request's end every method throws
 * {@code IllegalStateException}: copy what is to outlive it.
 */
public final class Headers {

	private static final long SPOILT = Ascii.NO_NUMBER;

	private final @Nullable HeadTable table;

	private final int generation;

	private long @Nullable [] removed;

	// Name, value, name, value: the fields added behind those of the table.
	private @Nullable ArrayList<String> added;

	// The first fields that were added, until somebody asks for them one by one.
	private @Nullable FieldBlock block;

	Headers(@Nullable HeadTable table) {
		this.table = table;
		this.generation = (table != null) ? table.generation() : 0;
	}

	/**
	 * Makes an empty set of fields.
	 * @return the fields
	 */
	public static Headers create() {
		return new Headers(null);
	}

	/**
	 * Returns how many fields there are.
	 * @return the number of fields
	 */
	public int size() {
		int size = addedSize();
		for (int i = 0; i < tableSize(); i++) {
			size += isRemoved(i) ? 0 : 1;
		}
		return size;
	}

	/**
	 * Returns whether a field is there.
	 * @param name its name, in any case
	 * @return whether there is at least one such field
	 */
	public boolean contains(String name) {
		int known = KnownField.of(name);
		return nextInTable(0, known, name) >= 0 || nextAdded(0, name) >= 0;
	}

	/**
	 * Returns the first value of a field.
	 * @param name its name, in any case
	 * @return the value, or {@code null} if there is no such field
	 */
	public @Nullable String first(String name) {
		HeadTable table = table();
		int inTable = nextInTable(0, KnownField.of(name), name);
		if (table != null && inTable >= 0) {
			return table.value(inTable);
		}
		int inAdded = nextAdded(0, name); // takes the block apart
		return (this.added != null && inAdded >= 0) ? this.added.get(2 * inAdded + 1) : null;
	}

	/**
	 * Returns all values of a field, each as it stood on a line of its own.
	 * @param name its name, in any case
	 * @return the values, in order; empty if there is no such field
	 */
	public List<String> all(String name) {
		List<String> values = new ArrayList<>(2);
		HeadTable table = table();
		int known = KnownField.of(name);
		for (int i = nextInTable(0, known, name); table != null && i >= 0; i = nextInTable(i + 1, known, name)) {
			values.add(table.value(i));
		}
		for (int i = nextAdded(0, name); this.added != null && i >= 0; i = nextAdded(i + 1, name)) {
			values.add(this.added.get(2 * i + 1));
		}
		return Collections.unmodifiableList(values);
	}

	/**
	 * Adds a field behind the others.
	 * @param name its name, a token
	 * @param value its value, without control characters
	 * @return this
	 * @throws IllegalArgumentException if name or value could not be sent
	 */
	public Headers add(String name, String value) {
		table();
		Ascii.requireToken("header name", name);
		Ascii.requireFieldValue(name, value);
		ArrayList<String> added = added();
		added.add(name);
		added.add(value);
		return this;
	}

	/**
	 * Adds fields behind the others.
	 * @param block the fields
	 * @return this
	 */
	public Headers add(FieldBlock block) {
		table();
		if (this.block == null && this.added == null) {
			this.block = block;
		}
		else {
			added().addAll(block.fields());
		}
		return this;
	}

	private ArrayList<String> added() {
		takeApart();
		ArrayList<String> added = this.added;
		if (added == null) {
			added = new ArrayList<>(4);
			this.added = added;
		}
		return added;
	}

	private void takeApart() {
		FieldBlock block = this.block;
		if (block != null) {
			this.block = null;
			this.added = new ArrayList<>(block.fields());
		}
	}

	/**
	 * Replaces all fields of a name by one.
	 * @param name its name, a token
	 * @param value its value, without control characters
	 * @return this
	 * @throws IllegalArgumentException if name or value could not be sent
	 */
	public Headers set(String name, String value) {
		Ascii.requireFieldValue(name, value);
		remove(name);
		return add(name, value);
	}

	/**
	 * Removes all fields of a name.
	 * @param name their name, in any case
	 * @return whether there was at least one
	 */
	public boolean remove(String name) {
		boolean any = false;
		int known = KnownField.of(name);
		for (int i = nextInTable(0, known, name); i >= 0; i = nextInTable(i + 1, known, name)) {
			markRemoved(i);
			any = true;
		}
		for (int i = nextAdded(0, name); this.added != null && i >= 0; i = nextAdded(i, name)) {
			this.added.subList(2 * i, 2 * i + 2).clear();
			any = true;
		}
		return any;
	}

	/**
	 * Removes fields that came from the network; those that code has added stay.
	 * @param names says of a name's octets whether such fields are removed
	 */
	public void removeReceived(NameTest names) {
		HeadTable table = table();
		for (int i = 0; table != null && i < table.fields(); i++) {
			if (names.test(table.bytes(), table.nameStart(i), table.nameEnd(i))) {
				markRemoved(i);
			}
		}
	}

	/**
	 * Walks all fields in order.
	 * @param action takes name and value
	 */
	public void forEach(BiConsumer<String, String> action) {
		HeadTable table = table();
		takeApart();
		for (int i = 0; table != null && i < table.fields(); i++) {
			if (!isRemoved(i)) {
				action.accept(table.name(i), table.value(i));
			}
		}
		for (int i = 0; this.added != null && i < this.added.size(); i += 2) {
			action.accept(this.added.get(i), this.added.get(i + 1));
		}
	}

	/**
	 * Copies these fields; edits of one don't show in the other. The copy of a received
	 * message's fields ends with the request as the original does.
	 * @return the copy
	 */
	public Headers copy() {
		return copyTo(new Headers(table()));
	}

	private Headers copyTo(Headers copy) {
		copy.removed = (this.removed != null) ? this.removed.clone() : null;
		copy.block = this.block;
		copy.added = (this.added != null) ? new ArrayList<>(this.added) : null;
		return copy;
	}

	/**
	 * Copies these fields into memory of their own, which outlives the request. What was
	 * received stays what was received: a codec treats it otherwise than what code has
	 * added.
	 * @return the copy
	 */
	public Headers detach() {
		HeadTable table = table();
		return detach((table != null) ? table.detached() : null);
	}

	Headers detach(@Nullable HeadTable detached) {
		return copyTo(new Headers(detached));
	}

	/**
	 * Returns what {@code Content-Length} says. For codecs.
	 * @return the number of octets, or -1 if there is no such field
	 * @throws IllegalStateException if there are several, or one that is no number: a
	 * codec refuses such a message, so it is code that has made it so
	 */
	public long contentLength() {
		HeadTable table = table();
		long length = -1;
		for (int i = nextInTable(0, KnownField.CONTENT_LENGTH, ""); table != null
				&& i >= 0; i = nextInTable(i + 1, KnownField.CONTENT_LENGTH, "")) {
			length = (length == -1) ? Ascii.number(table.bytes(), table.valueStart(i), table.valueEnd(i)) : SPOILT;
		}
		for (int i = 0; this.added != null && i < this.added.size(); i += 2) {
			if (KnownField.of(this.added.get(i)) == KnownField.CONTENT_LENGTH) {
				length = (length == -1) ? Ascii.number(this.added.get(i + 1)) : SPOILT;
			}
		}
		if (length == SPOILT) {
			throw new IllegalStateException("Content-Length: " + all("content-length") + " (expected: one number)");
		}
		return length;
	}

	/**
	 * Hands out the fields of a known name that came from the network, also what code has
	 * removed since, and then those that code has added. For codecs.
	 * @param known what {@link KnownField} says of the name; not {@code OTHER}
	 * @param visitor takes them
	 */
	public void visitReceived(int known, FieldVisitor visitor) {
		HeadTable table = table();
		for (int i = 0; table != null && i < table.fields(); i++) {
			if (table.known(i) == known) {
				visitor.octets(table, i);
			}
		}
		for (int i = 0; this.added != null && i < this.added.size(); i += 2) {
			String name = this.added.get(i);
			if (KnownField.of(name) == known) {
				visitor.text(known, name, this.added.get(i + 1));
			}
		}
	}

	/**
	 * Hands all fields to a codec in the form in which they are at hand.
	 * @param visitor takes them
	 */
	public void visit(FieldVisitor visitor) {
		HeadTable table = table();
		for (int i = 0; table != null && i < table.fields(); i++) {
			if (!isRemoved(i)) {
				visitor.octets(table, i);
			}
		}
		visitAdded(visitor);
	}

	/**
	 * Hands out all that came from the network, also what code has removed since, and
	 * then what code has added.
	 * @param visitor takes the fields
	 */
	public void visitReceived(FieldVisitor visitor) {
		HeadTable table = table();
		for (int i = 0; table != null && i < table.fields(); i++) {
			visitor.octets(table, i);
		}
		visitAdded(visitor);
	}

	private void visitAdded(FieldVisitor visitor) {
		if (this.block != null) {
			visitor.block(this.block);
		}
		for (int i = 0; this.added != null && i < this.added.size(); i += 2) {
			String name = this.added.get(i);
			visitor.text(KnownField.of(name), name, this.added.get(i + 1));
		}
	}

	@Override
	public String toString() {
		return "Headers(" + size() + ")"; // values may be secrets
	}

	private @Nullable HeadTable table() {
		return HeadTable.checked(this.table, this.generation);
	}

	private int tableSize() {
		HeadTable table = table();
		return (table != null) ? table.fields() : 0;
	}

	private int addedSize() {
		takeApart();
		return (this.added != null) ? this.added.size() / 2 : 0;
	}

	private int nextInTable(int from, int known, String name) {
		HeadTable table = table();
		for (int i = from; table != null && i < table.fields(); i++) {
			if (table.isNamed(i, known, name) && !isRemoved(i)) {
				return i;
			}
		}
		return -1;
	}

	private int nextAdded(int from, String name) {
		takeApart();
		for (int i = from; this.added != null && i < addedSize(); i++) {
			if (Ascii.equalsIgnoreCase(this.added.get(2 * i), name)) {
				return i;
			}
		}
		return -1;
	}

	private boolean isRemoved(int field) {
		return this.removed != null && field / 64 < this.removed.length
				&& (this.removed[field / 64] & (1L << (field % 64))) != 0;
	}

	private void markRemoved(int field) {
		if (this.removed == null) {
			this.removed = new long[tableSize() / 64 + 1];
		}
		this.removed[field / 64] |= 1L << (field % 64);
	}

}
