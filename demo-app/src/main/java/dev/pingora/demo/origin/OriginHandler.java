package dev.pingora.demo.origin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers: {@code /hello} greets, {@code /echo/**} sends the body back, {@code /bytes?n=}
 * sends so many octets, {@code /slow?ms=} takes so long, {@code /trailers} ends with a
 * trailer, {@code /broken} resets the connection instead of an answer.
 */
final class OriginHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

	private static final Logger logger = LoggerFactory.getLogger(OriginHandler.class);

	private static final int MAX_MILLIS = 600_000;

	private final String name;

	private final int maxBody;

	OriginHandler(String name, int maxBody) {
		this.name = name;
		this.maxBody = maxBody;
	}

	@Override
	protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
		QueryStringDecoder uri = new QueryStringDecoder(request.uri());
		String path = uri.path();
		if (path.equals("/hello")) {
			answer(ctx, request, HttpResponseStatus.OK, text("Hello from " + this.name + "\n"));
		}
		else if (path.equals("/echo") || path.startsWith("/echo/")) {
			answer(ctx, request, HttpResponseStatus.OK, echo(request));
		}
		else if (path.equals("/bytes")) {
			bytes(ctx, request, number(uri, "n", this.maxBody));
		}
		else if (path.equals("/slow")) {
			slow(ctx, request, number(uri, "ms", MAX_MILLIS));
		}
		else if (path.equals("/trailers")) {
			trailers(ctx);
		}
		else if (path.equals("/broken")) {
			ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0); // a reset
			ctx.close();
		}
		else {
			answer(ctx, request, HttpResponseStatus.NOT_FOUND, text("There is no " + path + "\n"));
		}
	}

	private static ByteBuf echo(FullHttpRequest request) {
		return request.content().isReadable() ? request.content().retain()
				: text(request.method() + " " + request.uri() + "\n");
	}

	private void bytes(ChannelHandlerContext ctx, FullHttpRequest request, int count) {
		if (count < 0) {
			answer(ctx, request, HttpResponseStatus.BAD_REQUEST, text("n (expected: 0.." + this.maxBody + ")\n"));
			return;
		}
		ByteBuf octets = ctx.alloc().buffer(count);
		octets.writeZero(count);
		answer(ctx, request, HttpResponseStatus.OK, octets);
	}

	private void slow(ChannelHandlerContext ctx, FullHttpRequest request, int millis) {
		if (millis < 0) {
			answer(ctx, request, HttpResponseStatus.BAD_REQUEST, text("ms (expected: 0.." + MAX_MILLIS + ")\n"));
			return;
		}
		request.retain();
		ctx.executor().schedule(() -> {
			answer(ctx, request, HttpResponseStatus.OK, text("Slept for " + millis + " ms\n"));
			request.release();
		}, millis, TimeUnit.MILLISECONDS);
	}

	private void trailers(ChannelHandlerContext ctx) {
		FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK,
				text("Hello from " + this.name + ", with a trailer\n"));
		response.headers()
			.set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
			.set(HttpHeaderNames.TRAILER, "X-Trailer")
			.set("X-Origin", this.name);
		HttpUtil.setTransferEncodingChunked(response, true);
		response.trailingHeaders().set("X-Trailer", this.name);
		ctx.writeAndFlush(response);
	}

	// -1 stands for what is missing or out of range.
	private static int number(QueryStringDecoder uri, String parameter, int most) {
		List<String> values = Map.copyOf(uri.parameters()).getOrDefault(parameter, List.of());
		try {
			int number = values.isEmpty() ? -1 : Integer.parseInt(values.get(0));
			return (number <= most) ? number : -1;
		}
		catch (NumberFormatException malformed) {
			return -1;
		}
	}

	private static ByteBuf text(String text) {
		return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
	}

	private void answer(ChannelHandlerContext ctx, FullHttpRequest request, HttpResponseStatus status, ByteBuf body) {
		int length = body.readableBytes();
		if (request.method().equals(HttpMethod.HEAD)) {
			body.release();
			body = Unpooled.EMPTY_BUFFER;
		}
		FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
		response.headers()
			.set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
			.set(HttpHeaderNames.CONTENT_LENGTH, length)
			.set("X-Origin", this.name);
		boolean keepAlive = HttpUtil.isKeepAlive(request);
		HttpUtil.setKeepAlive(response, keepAlive);
		var written = ctx.writeAndFlush(response);
		if (!keepAlive) {
			written.addListener(ChannelFutureListener.CLOSE);
		}
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
		// The gateway may hang up at any time.
		if (!(cause instanceof IOException) && !(cause instanceof PrematureChannelClosureException)) {
			logger.warn("{} has failed", this.name, cause);
		}
		ctx.close();
	}

}
