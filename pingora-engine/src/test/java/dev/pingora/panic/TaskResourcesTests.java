package dev.pingora.panic;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link TaskResources}.
 */
class TaskResourcesTests {

	private final PanicIsolation isolation = new PanicIsolation(List.of());

	private final TaskResources resources = new TaskResources(this.isolation);

	private final List<String> released = new ArrayList<>();

	@AfterEach
	void close() {
		this.isolation.close();
	}

	private Runnable add(String name) {
		Runnable action = () -> this.released.add(name);
		this.resources.add(action);
		return action;
	}

	@Test
	void releasesOnceInReverseOrder() {
		add("a");
		add("b");
		add("c");
		assertThat(this.resources.release("r")).isNull();
		assertThat(this.resources.release("r")).isNull();
		assertThat(this.released).containsExactly("c", "b", "a");
	}

	@Test
	void panicInOneActionStopsNoOther() {
		add("a");
		this.resources.add(() -> {
			throw new IllegalStateException("second");
		});
		add("b");
		this.resources.add(() -> {
			throw new StackOverflowError("first");
		});
		Panic panic = this.resources.release("r");
		assertThat(this.released).containsExactly("b", "a");
		assertThat(panic).isNotNull();
		assertThat(panic.cause()).hasMessage("first");
		assertThat(this.isolation.totals().total(new PanicTotals.Key("release", "none", "r"))).isEqualTo(2);
	}

	@Test
	void nothingCanBeAddedAfterTheEnd() {
		this.resources.release(null);
		assertThatIllegalStateException().isThrownBy(() -> add("late"));
		assertThat(this.released).isEmpty();
	}

	@Test
	void actionThatReleasesAgainOrAddsDoesNotDisturb() {
		add("a");
		this.resources.add(() -> add("from within"));
		this.resources.add(() -> this.resources.release(null));
		assertThat(this.resources.release(null)).isNull();
		assertThat(this.released).containsExactly("a");
		assertThat(this.isolation.totals().total()).isEqualTo(1);
	}

}
