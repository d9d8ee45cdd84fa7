# ---- All analyses, each in its population ------------------------------------------------------------------------------------

narrowed <- function(frames, population) {
  condition <- if (nzchar(population)) study$populations[[population]] else ""
  if (!nzchar(condition)) return(frames)
  keep <- holds(condition, frames$subjects) %in% TRUE
  frames$subjects <- frames$subjects[keep, , drop = FALSE]
  for (name in setdiff(names(frames), "subjects")) if (is.data.frame(frames[[name]]) && "subject" %in% names(frames[[name]])) {
    frames[[name]] <- frames[[name]][frames[[name]]$subject %in% frames$subjects$subject, , drop = FALSE]
  }
  frames
}

replicate_all <- function(frames) {
  subjects <- frames$subjects
  for (arm in names(study$arms)) put("study", "subjects", arm, list(n = sum(subjects$arm %in% arm)))
  put("study", "subjects", "all", list(n = nrow(subjects)))
  put("study", "arms", "all", list(n = length(study$arms)))
  put("study", "confidence", "all", list(p = study$confidence))
  put("study", "alpha", "all", list(p_value = study$alpha))
  put("study", "cutoff", "all", list(date = as.numeric(format(as.Date(study$data_cutoff), "%Y%m%d"))))
  if (nzchar(study$day_zero)) {
    entered <- range(subjects[[study$day_zero]], na.rm = TRUE)
    put("study", "enrolment", "all", list(first = as.numeric(format(entered[1], "%Y%m")), last = as.numeric(format(entered[2], "%Y%m"))))
  }
  skip("the count of the tests made", "study", "tests")
  skip("the count of the tests made", "study", "tests.expected")
  whole <- study
  for (a in names(whole$analyses)) {
    analysis <- whole$analyses[[a]]
    study <<- with_settings(whole, analysis$options)
    try_put(a, "", {
      own <- narrowed(frames, analysis$population)
      who <- groups_of(analysis$options, own$subjects)
      if ("confidence" %in% names(analysis$options)) put(a, "settings.confidence", "all", list(p = study$confidence))
      if ("alpha" %in% names(analysis$options)) put(a, "settings.alpha", "all", list(p_value = study$alpha))
      for (key in labels_of(who)) put(a, "population", key, list(n = sum(inside(own$subjects, who, key))))
      grouped <- vapply(setdiff(labels_of(who), "all"), function(key) sum(inside(own$subjects, who, key)), 0)
      outside <- nrow(own$subjects) - sum(grouped)
      if (outside > 0) put(a, "population", "all", list(missing = outside))
      if (is.null(ANALYSES[[analysis$kind]])) not_covered("a kind of analysis this script doesn't know: ", analysis$kind)
      ANALYSES[[analysis$kind]](a, analysis, own)
    })
  }
  study <<- whole
}

# The study as one analysis sees it: what its options say of confidence, alpha and methods goes before the study's own.
with_settings <- function(study, options) {
  for (name in intersect(c("confidence", "alpha"), names(options))) study[[name]] <- options[[name]]
  for (name in intersect(names(study$methods), names(options))) study$methods[[name]] <- options[[name]]
  study
}

# ---- The comparison: the only place where results.csv is read -----------------------------------------------------------

compare <- function(file) {
  theirs <- read.csv(file, colClasses = "character", na.strings = character(0), encoding = "UTF-8", check.names = FALSE)
  unquoted <- function(text) sub("^'(?=[-=+@\t\r])", "", text, perl = TRUE)
  for (name in c("analysis", "variable", "level", "group")) theirs[[name]] <- unquoted(theirs[[name]])
  at <- suppressWarnings(as.numeric(theirs$at))
  keys <- key_of(theirs$analysis, theirs$variable, theirs$level, ifelse(is.na(at), "", sprintf("%.12g", at)), theirs$group,
                 theirs$stat)
  value <- suppressWarnings(as.numeric(theirs$value))  # "inf" and "nan" are words that as.numeric knows
  state <- rep("not covered", length(keys))
  ours <- rep(NA_real_, length(keys))
  why <- character(length(keys))
  kept_back <- grepl("^(withheld|rounded|ninety)", theirs$note)  # for the patients' sake
  for (i in seq_along(keys)) {
    found <- made[[keys[i]]]
    if (kept_back[i]) {
      why[i] <- "withheld or rounded for the sake of the patients"
    } else if (is.null(found)) {
      why[i] <- reason_for(theirs$analysis[i], theirs$variable[i], theirs$level[i])
    } else {
      ours[i] <- found$value
      state[i] <- if (same(value[i], found$value, found$tolerance)) "equal" else "different"
    }
  }
  list(theirs = theirs, ours = ours, state = state, why = why,
       only_here = if (any(kept_back)) character(0) else setdiff(ls(made), keys))
}

same <- function(a, b, tolerance) {
  if (is.na(a) || is.na(b)) return(is.na(a) && is.na(b))
  if (is.infinite(a) || is.infinite(b)) return(a == b)
  abs(a - b) <= max(1e-12, tolerance * max(abs(a), abs(b)))
}

reason_for <- function(analysis, variable, level) {
  if (level == "cox-firth") return(FIRTH)
  if (grepl("[.]family$", variable)) return("P values adjusted in their family")
  parts <- c(variable, paste0(sub("[.].*", "", variable), "."), sub("[.].*", "", variable), "")
  for (part in parts) {
    found <- reasons[[paste(analysis, part, sep = "\t")]]
    if (!is.null(found)) return(found)
  }
  "no rule in this script"
}

certificate <- function(found) {
  state <- found$state
  line <- function(...) cat(..., "\n", sep = "")
  line("Certificate of replication: ", study$short)
  line("R ", R.version$major, ".", R.version$minor, ", survival ", as.character(packageVersion("survival")), ", cmprsk ",
       as.character(packageVersion("cmprsk")))
  line("Rows compared: ", sum(state != "not covered"))
  line("Equal: ", sum(state == "equal"))
  line("Different: ", sum(state == "different"))
  line("Not covered: ", sum(state == "not covered"))
  line("Made by R alone: ", length(found$only_here))
  why <- sort(table(found$why[state == "not covered"]), decreasing = TRUE)
  for (reason in names(why)) line("Not covered, ", why[[reason]], ": ", reason)
  for (i in head(which(state == "different"), 50)) {
    row <- found$theirs[i, ]
    address <- paste0(row$analysis, "/", row$variable, if (nzchar(row$level)) paste0("=", row$level),
                      if (nzchar(row$at)) paste0("~", row$at), "@", row$group)
    line("Different at ", address, " ", row$stat, ": results ", row$value, ", R ", sprintf("%.12g", found$ours[i]))
  }
  for (key in head(found$only_here, 20)) line("Made by R alone: ", gsub("\t", " ", key))
}

main <- function() {
  words <- commandArgs(trailingOnly = TRUE)
  if (!length(words)) {
    cat("usage: Rscript replicate.R STUDY-FOLDER [results.csv]\n")
    quit(status = 2)
  }
  here <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  results <- if (length(words) > 1) words[2] else file.path(dirname(here), "results.csv")
  readable <- tryCatch(with_columns(read_study(words[1])), not_covered = function(reason) reason)
  if (inherits(readable, "not_covered")) {
    skip_all <- conditionMessage(readable)
    for (a in c("study", names(study$analyses))) skip(skip_all, a)
  } else {
    replicate_all(readable)
  }
  found <- compare(results)
  certificate(found)
  quit(status = if (any(found$state == "different")) 1 else 0)
}

main()
