# ---- Toxicity: worst grade by patient, from recorded grades ---------------------------------------------------------------

toxicity <- function(term, frames) {
  if (nzchar(term$beyond)) not_covered(term$name, " with ", term$beyond)
  subjects <- frames$subjects
  nothing <- rep(NA_real_, nrow(subjects))
  if (nzchar(term$laboratory)) {
    count <- blood_count(term$laboratory)
    if (!term$laboratory %in% names(subjects)) return(laboratory(term, count, frames))
    if (nzchar(count)) not_covered("grades of a blood count that the subjects have")
    return(data.frame(grade = as_numeral(subjects[[term$laboratory]]), onset = nothing, duration = nothing))
  }
  staged <- grepl("^(MAGIC|GLUCKSBERG)", toupper(term$grading)) && !is.null(frames$gvhd)
  source <- if (staged) "gvhd" else "events"
  frame <- if (is.null(frames[[source]])) NULL else needed(frames, source)
  if (staged) frame <- graded_gvhd(frame)
  if (is.null(frame)) return(data.frame(grade = nothing, onset = nothing, duration = nothing))
  if ("term" %in% names(frame)) frame <- frame[which(frame$term == term$name), , drop = FALSE]
  else if ("type" %in% names(frame)) frame <- frame[!frame$type %in% "chronic", , drop = FALSE]
  if (!staged && any(is.na(as_numeral(frame$grade)))) not_covered("grades derived from signs")
  episodes_of(frame, subjects, term$window)
}

episodes_of <- function(frame, subjects, window) {
  end <- if ("end_day" %in% names(frame)) frame$end_day else rep(NA_real_, nrow(frame))
  episodes <- data.frame(day = frame$day, end = end, grade = as_numeral(frame$grade))
  owner <- factor(match(frame$subject, subjects$subject), seq_len(nrow(subjects)))
  do.call(rbind, lapply(split(episodes, owner), worst, window))
}

worst <- function(own, window) {
  inside <- own[is.na(own$day) | !length(window) | (own$day >= window[1] & own$day <= window[2]), , drop = FALSE]
  grade <- if (!nrow(inside)) 0 else if (all(is.na(inside$grade))) NA_real_ else max(inside$grade, na.rm = TRUE)
  starts <- inside$day[!is.na(inside$grade) & inside$grade >= 1 & !is.na(inside$day)]
  onset <- if (length(starts)) min(starts) else NA_real_
  data.frame(grade = grade, onset = onset, duration = spell(own, onset))
}

# From onset to the end of that episode and of those that follow without a gap, both days counted.
spell <- function(own, onset) {
  own <- own[!is.na(own$grade) & own$grade >= 1 & !is.na(own$day) & own$day >= onset, , drop = FALSE]
  if (is.na(onset) || !nrow(own)) return(NA_real_)
  own <- own[order(own$day), , drop = FALSE]
  reach <- cummax(ifelse(is.na(own$end), Inf, own$end))
  gap <- which(tail(own$day, -1) > head(reach, -1) + 1)
  end <- reach[if (length(gap)) gap[1] else nrow(own)]
  if (is.finite(end)) end - onset + 1 else NA_real_
}

# MAGIC: the overall grade from organ stages (Harris et al. 2016), where none is recorded.
graded_gvhd <- function(frame) {
  stage <- function(name) if (name %in% names(frame)) as_numeral(frame[[name]]) else rep(NA_real_, nrow(frame))
  stages <- lapply(c(skin = "skin", liver = "liver", upper = "upper_gi", lower = "lower_gi"), stage)
  unknown <- Reduce(`&`, lapply(stages, is.na))
  s <- lapply(stages, function(values) ifelse(is.na(values), 0, values))
  grade <- ifelse(s$skin >= 4 | s$liver >= 4 | s$lower >= 4, 4,
           ifelse(s$liver >= 2 | s$lower >= 2, 3,
           ifelse(s$skin >= 3 | s$liver >= 1 | s$upper >= 1 | s$lower >= 1, 2, ifelse(s$skin >= 1, 1, 0))))
  said <- if ("grade" %in% names(frame)) as_numeral(frame$grade) else rep(NA_real_, nrow(frame))
  frame$grade <- ifelse(is.na(said), ifelse(unknown, NA, grade), said)
  frame
}

# ---- Grades from blood counts: CTCAE, the lower limit of normal deciding between grades 0 and 1 ------------------------------

blood_count <- function(name) {
  word <- gsub("[^a-z_]", "", gsub(" ", "_", tolower(name)))
  names <- list(neutrophils = c("anc", "neutrophil", "neutrophils", "neut"),
                hemoglobin = c("hb", "hgb", "hemoglobin", "haemoglobin"), platelets = c("plt", "platelet", "platelets", "plat"),
                leukocytes = c("wbc", "leukocytes", "white_cells", "wcc"),
                lymphocytes = c("alc", "lymphocyte", "lymphocytes", "lymph"))
  found <- names(names)[vapply(names, function(known) word %in% known, TRUE)]
  if (length(found)) found else ""
}

# Below which values grades 4, 3, 2 (and in version 6 of neutropenia 1) begin; NA: a number can't give the grade.
BANDS <- list(
  "5.0" = list(neutrophils = c(0.5, 1, 1.5), hemoglobin = c(NA, 80, 100), platelets = c(25, 50, 75), leukocytes = c(1, 2, 3),
               lymphocytes = c(0.2, 0.5, 0.8)),
  "6.0" = list(neutrophils = c(0.1, 0.5, 1, 1.5), hemoglobin = c(NA, 80, 100), platelets = c(10, 50, 75),
               leukocytes = c(1, 2, 3), lymphocytes = c(0.2, 0.5, 0.8)))

in_units <- function(count, unit) {
  plain <- tolower(gsub("[\u00d7\u00b7 \u00a0]", "", unit))
  plain <- sub("\u2079", "^9", sub("\u00b3", "^3", sub("\u2076", "^6", gsub("[\u00b5\u03bc]", "u", plain))))
  plain <- sub("^x(?=10)", "", gsub("*", "^", plain, fixed = TRUE), perl = TRUE)
  known <- if (count == "hemoglobin") c("g/l" = 1, "g/dl" = 10, "mmol/l" = 16.114) else
    c("10^9/l" = 1, "g/l" = 1, "giga/l" = 1, "10^3/ul" = 1, "k/ul" = 1, "/nl" = 1, "/ul" = 1e-3, "cells/ul" = 1e-3, "10^6/l" = 1e-3)
  if (!nzchar(plain)) return(1)
  if (!plain %in% names(known)) not_covered("the unit ", unit, " of a blood count")
  known[[plain]]
}

laboratory <- function(term, count, frames) {
  if (!nzchar(count)) not_covered("no grades are known for ", term$laboratory)
  subjects <- frames$subjects
  if (any(paste0(c(term$laboratory, count), "_lln") %in% names(subjects))) not_covered("limits of normal among the subjects")
  rows <- needed(frames, "series")
  rows <- rows[rows$analyte %in% term$laboratory, , drop = FALSE]
  declared <- study$analytes[[term$laboratory]]$unit
  unit <- if ("unit" %in% names(rows)) as.character(rows$unit) else rep(NA_character_, nrow(rows))
  unit[is.na(unit)] <- if (is.null(declared) || !nzchar(declared)) study$value_unit else declared
  factor_of <- vapply(setNames(unique(unit), unique(unit)), function(one) in_units(count, one), 0)
  value <- rows$value * factor_of[unit]
  if ("qualifier" %in% names(rows)) value <- ifelse(rows$qualifier %in% "<", value * (1 - 1e-6), value)
  limit <- if ("lln" %in% names(rows)) rows$lln * factor_of[unit] else rep(NA_real_, nrow(rows))
  value <- signif(value, 10)
  bands <- BANDS[[study$ctcae]][[count]]
  grade <- if (length(bands) > 3) ifelse(value < bands[4], 1, 0) else as.numeric(value < signif(limit, 10))
  for (i in 3:1) if (!is.na(bands[i])) grade <- ifelse(!is.na(value) & value < bands[i], 5 - i, grade)
  known <- data.frame(day = rows$day, grade = grade)[!is.na(rows$day) & !is.na(value), ]
  owner <- factor(match(rows$subject, subjects$subject), seq_len(nrow(subjects)))[!is.na(rows$day) & !is.na(value)]
  start <- depletion(subjects)
  out <- do.call(rbind, Map(worst_value, split(known, owner), list(term$window), start))
  events <- if (is.null(frames$events)) NULL else needed(frames, "events")
  if (!is.null(events)) {  # what a number can't give (anemia of grade 4, any grade 5) comes from the recorded event
    events <- events[if ("term" %in% names(events)) which(events$term == term$name) else integer(0), , drop = FALSE]
    top <- episodes_of(events, subjects, term$window)$grade
    out$grade <- ifelse(!is.na(top) & top > (if (count == "hemoglobin") 3 else 4), top, out$grade)
  }
  out
}

# The day from which values are no baseline any more: lymphodepletion where the study has its day, else day 0.
depletion <- function(subjects) {
  column <- intersect(c("lymphodepletion_day", "lymphodepletion_date", "ld_day", "ld_date"), names(subjects))[1]
  if (is.na(column)) return(rep(0, nrow(subjects)))
  day <- on_axis(column, subjects)
  ifelse(is.na(day), 0, pmin(day, 0))
}

worst_value <- function(own, window, start) {
  before <- own[own$day < start, , drop = FALSE]
  last <- before$grade[before$day == suppressWarnings(max(before$day))]
  baseline <- if (!nrow(before)) NA_real_ else if (all(is.na(last))) NA_real_ else max(last, na.rm = TRUE)
  inside <- own[!length(window) | (own$day >= window[1] & own$day <= window[2]), , drop = FALSE]
  top <- if (any(!is.na(inside$grade))) max(inside$grade, na.rm = TRUE) else NA_real_
  if (!is.na(top) && top < 2 && anyNA(inside$grade)) top <- NA_real_  # one of them may be 0 or 1
  starts <- inside$day[inside$grade %in% 1:5]
  onset <- if (length(starts)) min(starts) else NA_real_
  recovered <- own$day[own$grade %in% 0 & own$day >= onset]
  duration <- NA_real_
  if (!is.na(onset) && length(recovered)) {
    ill <- own$day[own$day >= onset & own$day < min(recovered)]
    if (length(ill)) duration <- max(ill) - onset + 1
  }
  data.frame(grade = top, onset = onset, duration = duration, baseline = baseline)
}
