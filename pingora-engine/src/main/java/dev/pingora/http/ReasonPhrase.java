package dev.pingora.http;

/**
 * The usual reason phrases (RFC 9110 section 15 and the IANA registry of status codes).
 */
final class ReasonPhrase {

	private ReasonPhrase() {
	}

	static String of(int status) {
		return switch (status / 100) {
			case 1, 2 -> good(status);
			case 3 -> redirect(status);
			case 4 -> clientError(status);
			case 5 -> serverError(status);
			default -> "";
		};
	}

	private static String good(int status) {
		return switch (status) {
			case 100 -> "Continue";
			case 101 -> "Switching Protocols";
			case 103 -> "Early Hints";
			case 200 -> "OK";
			case 201 -> "Created";
			case 202 -> "Accepted";
			case 204 -> "No Content";
			case 206 -> "Partial Content";
			default -> "";
		};
	}

	private static String redirect(int status) {
		return switch (status) {
			case 301 -> "Moved Permanently";
			case 302 -> "Found";
			case 303 -> "See Other";
			case 304 -> "Not Modified";
			case 307 -> "Temporary Redirect";
			case 308 -> "Permanent Redirect";
			default -> "";
		};
	}

	private static String clientError(int status) {
		return switch (status) {
			case 400 -> "Bad Request";
			case 401 -> "Unauthorized";
			case 403 -> "Forbidden";
			case 404 -> "Not Found";
			case 405 -> "Method Not Allowed";
			case 406 -> "Not Acceptable";
			case 408 -> "Request Timeout";
			case 409 -> "Conflict";
			case 410 -> "Gone";
			case 411 -> "Length Required";
			case 412 -> "Precondition Failed";
			case 413 -> "Content Too Large";
			case 414 -> "URI Too Long";
			case 415 -> "Unsupported Media Type";
			case 417 -> "Expectation Failed";
			case 418 -> "I'm a teapot";
			case 421 -> "Misdirected Request";
			case 422 -> "Unprocessable Content";
			case 425 -> "Too Early";
			case 426 -> "Upgrade Required";
			case 428 -> "Precondition Required";
			case 429 -> "Too Many Requests";
			case 431 -> "Request Header Fields Too Large";
			case 451 -> "Unavailable For Legal Reasons";
			default -> "";
		};
	}

	private static String serverError(int status) {
		return switch (status) {
			case 500 -> "Internal Server Error";
			case 501 -> "Not Implemented";
			case 502 -> "Bad Gateway";
			case 503 -> "Service Unavailable";
			case 504 -> "Gateway Timeout";
			case 505 -> "HTTP Version Not Supported";
			case 507 -> "Insufficient Storage";
			case 508 -> "Loop Detected";
			default -> "";
		};
	}

}
