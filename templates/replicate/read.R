# ---- The study's own files, typed as the study file declares ----------------------------------------------------------

# What can't be done here is no failure: it is counted as not covered, with its reason.
not_covered <- function(...) {
  stop(structure(class = c("not_covered", "error", "condition"), list(message = paste0(...), call = NULL)))
}

TEXT_FILES <- c(csv = ",", tsv = "\t", txt = "\t")
LEVELLED <- c("arm", "category", "ordinal")
DAYS <- c(days = 1, weeks = 7, months = 30.4375, years = 365.25)
NUMBER <- "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?"

# A file of the study's folder, or a data set of a Python library, whose folder the environment tells.
path_of <- function(frame, folder) {
  if (!startsWith(frame$file, "package:")) return(file.path(folder, frame$file))
  parts <- strsplit(sub("package:", "", frame$file, fixed = TRUE), "/", fixed = TRUE)[[1]]
  known <- paste0("PACKAGE_", toupper(parts[1]))
  if (!nzchar(Sys.getenv(known))) not_covered("data of the library ", parts[1], ": set ", known, " to its folder")
  file.path(Sys.getenv(known), paste(parts[-1], collapse = "/"))
}

read_frame <- function(frame, folder) {
  if (nzchar(frame$beyond)) not_covered(frame$name, " with ", frame$beyond)
  path <- path_of(frame, folder)
  ending <- tolower(sub(".*[.]", "", frame$file))
  if (!ending %in% names(TEXT_FILES)) not_covered("R reads text files only, and this study has ", ending)
  encoding <- if (nzchar(frame$encoding)) frame$encoding else "UTF-8"
  text <- enc2utf8(readLines(con <- file(path, encoding = encoding), warn = FALSE))
  close(con)
  text[1] <- sub("^\ufeff", "", text[1])
  columns <- Filter(function(column) column$in_file, frame$columns)
  wanted <- vapply(Filter(function(column) column$declared, columns), function(column) column$source, "")
  sep <- delimiter_of(frame, text[frame$header_row], TEXT_FILES[[ending]], wanted)
  raw <- read.table(text = text[frame$header_row:length(text)], sep = sep, quote = "\"", header = TRUE, comment.char = "",
                    colClasses = "character", check.names = FALSE, na.strings = character(0), encoding = "UTF-8",
                    strip.white = FALSE, blank.lines.skip = TRUE)
  names(raw) <- trimws(names(raw))
  cells <- lapply(raw, trimws)
  filled <- Reduce(`|`, lapply(cells, nzchar), logical(nrow(raw)))
  decimal <- decimal_of(frame, cells, columns, sep != TEXT_FILES[[ending]] && !nzchar(frame$delimiter))
  out <- list()
  for (column in columns) {
    if (column$source %in% names(cells) && !nzchar(column$beyond)) {
      out[[column$name]] <- typed(cells[[column$source]][filled], column, frame, decimal)
    }
  }
  out <- as.data.frame(out, check.names = FALSE, stringsAsFactors = FALSE, optional = TRUE)
  if (frame$name == "series" && "value" %in% names(out)) out <- split_limits(out, cells, columns, filled, decimal)
  if (nzchar(frame$where)) out <- out[holds(frame$where, out) %in% TRUE, , drop = FALSE]
  out
}

# The declared delimiter, else that of the file's ending; another only where the columns are found with it alone.
delimiter_of <- function(frame, header, usual, wanted) {
  if (nzchar(frame$delimiter)) return(frame$delimiter)
  for (sep in unique(c(usual, ",", ";", "\t", "|"))) {
    found <- trimws(gsub("\"", "", strsplit(header, sep, fixed = TRUE)[[1]]))
    if (all(wanted %in% found)) return(sep)
  }
  usual
}

# Decimal commas where they are declared, or where an undeclared delimiter was found and every number fits them.
decimal_of <- function(frame, cells, columns, repaired) {
  if (nzchar(frame$decimal)) return(frame$decimal)
  numeric <- Filter(function(column) column$type == "number", columns)
  kept <- unlist(cells[vapply(numeric, function(column) column$source, "")])
  kept <- grep("[0-9]", kept, value = TRUE)
  if (repaired && any(grepl(",", kept)) && all(grepl("^[+-]?[0-9]+(,[0-9]+([eE][+-]?[0-9]+)?)?$", kept))) "," else "."
}

typed <- function(text, column, frame, decimal) {
  mapped <- match(text, names(column$values))
  text <- ifelse(!is.na(mapped), unlist(column$values)[mapped], ifelse(text %in% frame$missing, "", text))
  text[!nzchar(text)] <- NA
  switch(column$type,
    number = from_day_zero(as_number(text, decimal), column$day_one),
    flag = as_flag(text),
    date = as_date(text, frame$date_format),
    arm = , category = , ordinal = as_level(text, column),
    text)
}

as_number <- function(text, decimal) {
  if (decimal == ",") text <- sub(",", ".", text, fixed = TRUE)
  text[!grepl(paste0("^", NUMBER, "$"), text)] <- NA
  as.numeric(text)
}

# Days that count from 1 and know no day 0.
from_day_zero <- function(day, day_one) if (day_one) ifelse(day >= 0, day - 1, day) else day

as_flag <- function(text) {
  word <- tolower(text)
  ifelse(word %in% c("yes", "true", "y", "\u662f") | grepl("^0*1([.]0+)?$", word), TRUE,
         ifelse(word %in% c("no", "false", "n", "\u5426") | grepl("^0+([.]0+)?$", word), FALSE, NA))
}

as_date <- function(text, format) {
  if (!nzchar(format)) return(as.Date(substr(text, 1, 10), "%Y-%m-%d"))
  as.Date(text, format)
}

as_level <- function(text, column) {
  levels <- unlist(column$levels)
  whole <- sub("[.]0+$", "", text)
  text <- ifelse(text %in% levels, text, ifelse(whole %in% levels, whole, NA))
  factor(text, levels, ordered = column$type == "ordinal")
}

# "<50" is the value 50 with the sign "<"; words for "below quantification" stand for the analyte's own limit.
split_limits <- function(out, cells, columns, filled, decimal) {
  source <- Filter(function(column) column$name == "value", columns)[[1]]$source
  text <- cells[[source]][filled]
  sign <- if ("qualifier" %in% names(out)) as.character(out$qualifier) else rep(NA_character_, nrow(out))
  beyond <- grepl("^(<=|>=|<|>|\u2264|\u2265)", text)
  below <- grepl("^(b[.]?l[.]?[oq][.]?q?[.]?|< *lloq|< ?lod|below .*)$", text, ignore.case = TRUE)
  sign[beyond] <- ifelse(substr(text[beyond], 1, 1) %in% c("<", "\u2264"), "<", ">")
  sign[below] <- "<"
  numbers <- as_number(sub("^(<=|>=|<|>|\u2264|\u2265)[[:space:]]*", "", text), decimal)
  out$value[beyond & !below] <- numbers[beyond & !below]
  analyte <- if ("analyte" %in% names(out)) as.character(out$analyte) else names(study$analytes)[1]
  limit <- vapply(analyte, function(name) c(study$analytes[[name]]$lloq, NA_real_)[1], 0)
  out$value[below] <- limit[below]
  out$qualifier <- sign
  out
}

read_study <- function(folder) {
  frames <- list()
  frames$subjects <- read_frame(study$frames$subjects, folder)
  for (name in setdiff(names(study$frames), "subjects")) {
    frames[[name]] <- tryCatch(read_frame(study$frames[[name]], folder), not_covered = function(reason) reason)
  }
  subjects <- frames$subjects
  if (!"subject" %in% names(subjects)) {
    subjects <- cbind(subject = formatC(seq_len(nrow(subjects)), width = nchar(nrow(subjects)), flag = "0"), subjects)
  }
  if (!"arm" %in% names(subjects)) subjects$arm <- factor(rep(names(study$arms), nrow(subjects)), names(study$arms))
  frames$subjects <- subjects[order(subjects$subject, method = "radix"), , drop = FALSE]
  for (name in setdiff(names(frames), c("subjects", "screening"))) {
    frame <- frames[[name]]
    if (inherits(frame, "not_covered")) next
    if (name == "series" && !"analyte" %in% names(frame)) frame$analyte <- names(study$analytes)[1]
    if (name == "events" && !"term" %in% names(frame)) frame$term <- names(study$terms)[1]
    frames[[name]] <- in_order(with_days(frame, frames$subjects))
  }
  frames
}

# Days since the patient's day zero, where the file has dates.
with_days <- function(frame, subjects) {
  for (pair in list(c("day", "date"), c("end_day", "end_date"))) {
    if (!pair[1] %in% names(frame) && pair[2] %in% names(frame) && nzchar(study$day_zero)) {
      zero <- subjects[[study$day_zero]][match(frame$subject, subjects$subject)]
      frame[[pair[1]]] <- as.numeric(frame[[pair[2]]] - zero)
    }
  }
  frame
}

# Rows by patient, day and everything else, so that their order in the file never decides.
in_order <- function(frame) {
  first <- intersect(c("subject", "day", "date"), names(frame))
  keys <- lapply(frame[c(first, setdiff(names(frame), first))], function(values) {
    if (is.factor(values)) ifelse(is.na(values), -1L, as.integer(values)) else values
  })
  frame[do.call(order, c(unname(keys), list(na.last = TRUE, method = "radix"))), , drop = FALSE]
}
