package dev.pingora.protocol.h1;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.pingora.testkit.Octets;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What holds for the reading of whatever a peer says on a connection.
 */
final class ResponseStreamRules {

	// Of longer inputs, not each cut is tried.
	private static final int ALL_CUTS = 100;

	private ResponseStreamRules() {
	}

	/**
	 * Reads answers in many ways and compares.
	 * @param dialogue what is asked and answered
	 */
	static void check(Dialogue dialogue) {
		List<Answer> answers = Answer.allOf(dialogue);
		TreeSet<Integer> ends = answers.stream()
			.map(Answer::end)
			.filter((end) -> end >= 0)
			.collect(Collectors.toCollection(TreeSet::new));
		int read = inOrder(dialogue, answers, ends);
		// Nothing that came too early speaks against another request.
		if (read < answers.size()) {
			assertThat(answers.get(read - 1).shouldGoOn()).as("ended for no reason").isFalse();
		}
		assertThat(inOrder(dialogue, answers, dialogue.places())).as("answers, if some come too early")
			.isLessThanOrEqualTo(read);
		pieces(dialogue, answers, ends, read);
		NettyAnswers.check(dialogue, answers);
	}

	// RFC 9112 is about a stream: where the network cuts it means nothing.
	private static void pieces(Dialogue dialogue, List<Answer> answers, TreeSet<Integer> ends, int read) {
		int length = dialogue.octets().length;
		TreeSet<Integer> all = IntStream.range(1, length).boxed().collect(Collectors.toCollection(TreeSet::new));
		assertThat(inOrder(dialogue, answers, all)).as("answers octet by octet").isEqualTo(read);
		int step = 1 + length / ALL_CUTS;
		for (int cut = 1 + dialogue.cuts() % step; cut < length; cut += step) {
			if (ends.add(cut)) {
				assertThat(inOrder(dialogue, answers, ends)).as("answers if cut at %d", cut).isEqualTo(read);
				ends.remove(cut);
			}
		}
	}

	// Each answer is what it is alone, for as long as the connection may go on.
	private static int inOrder(Dialogue dialogue, List<Answer> answers, SortedSet<Integer> places) {
		List<String> read = ResponseStreamReading.of(dialogue, answers, places);
		assertThat(read).hasSizeBetween(1, answers.size());
		for (int i = 0; i < read.size(); i++) {
			assertThat(read.get(i)).as("answer %d of %s", i, Octets.latin1(dialogue.octets()))
				.isEqualTo(answers.get(i).shown());
			boolean wentOn = i + 1 < read.size();
			assertThat(wentOn && answers.get(i).mustEnd()).as("went on after answer %d", i).isFalse();
		}
		return read.size();
	}

}
